/* cmd_work: see cmd_work_priv.h. */
#include "cmd_work_priv.h"

#include "programs.h"
#include "supervisor.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { NOBODY = 65534, TRIES = 2 };

const char *cmd_become(const char *name)
{
	if (geteuid() != 0)
		return NULL;
	const struct passwd *user = getpwnam(name);
	if (user == NULL)
		return "does not exist";
	if (user->pw_uid == 0)
		return "has the rights of root";
	bool became = setgroups(0, NULL) == 0 && setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
	              setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0;
	return became ? NULL : "cannot be used";
}

static int choose_user(const char *name, SupervisorOptions *options)
{
	options->uid = (uid_t)-1;
	options->gid = (gid_t)-1;
	if (geteuid() != 0)
		return EX_OK;
	const struct passwd *user = getpwnam(name);
	if (user != NULL && user->pw_uid == 0) {
		log_error("work.user: \"%s\" has the rights of root", name);
		return EX_CONFIG;
	}
	options->uid = user != NULL ? user->pw_uid : NOBODY;
	options->gid = user != NULL ? user->pw_gid : NOBODY;
	return EX_OK;
}

int cmd_supervisor_start(const char *command, const ConfSettings *settings, Supervisor **ret_supervisor)
{
	return cmd_supervisor_start_with(sanitize_kinds, command, settings, ret_supervisor);
}

int cmd_supervisor_start_with(CmdKinds *kinds, const char *command, const ConfSettings *settings,
                              Supervisor **ret_supervisor)
{
	const char *directory = programs_directory();
	if (directory == NULL) {
		log_error("%s: mugai-parse is neither beside this program nor in its place", command);
		return EX_UNAVAILABLE;
	}
	SupervisorOptions options = { .memory_budget = settings->work_memory };
	int code = choose_user(settings->work_user, &options);
	if (code != EX_OK)
		return code;
	g_autoptr(GError) error = NULL;
	options.kinds = kinds(directory, &options.n_kinds);
	*ret_supervisor = supervisor_start(&options, &error);
	if (*ret_supervisor != NULL)
		return EX_OK;
	log_error("%s: %s", command, error->message);
	return EX_UNAVAILABLE;
}

static const struct {
	SanitizeError error;
	int code;
	bool again; /* another try may help */
} failures[] = {
	{ SANITIZE_ERROR_NOT_MAIL, EX_DATAERR, false },  { SANITIZE_ERROR_EMPTY, EX_NOINPUT, false },
	{ SANITIZE_ERROR_TOO_LARGE, EX_DATAERR, false }, { SANITIZE_ERROR_CONTENT, EX_TEMPFAIL, true },
	{ SANITIZE_ERROR_CHARSET, EX_USAGE, false },     { SANITIZE_ERROR_ENVIRONMENT, EX_TEMPFAIL, true },
	{ SANITIZE_ERROR_INTERNAL, EX_SOFTWARE, true },  { SANITIZE_ERROR_NOT_TEXT, EX_DATAERR, false },
	{ SANITIZE_ERROR_PERMISSION, EX_NOPERM, false },
};

int cmd_code_of(const GError *error, bool *ret_again)
{
	for (size_t i = 0; i < G_N_ELEMENTS(failures); i++) {
		if (!g_error_matches(error, SANITIZE_ERROR, (int)failures[i].error))
			continue;
		*ret_again = failures[i].again;
		return failures[i].code;
	}
	*ret_again = true;
	return EX_TEMPFAIL;
}

int cmd_try(const CmdInput *input, bool (*once)(void *user, GError **error), void *user)
{
	g_autofree char *said = NULL;
	int code = EX_SOFTWARE;
	bool again = true;
	for (unsigned try = 1; try <= TRIES && again; try++) {
		g_autoptr(GError) error = NULL;
		if (once(user, &error))
			return EX_OK;
		code = cmd_code_of(error, &again);
		if (g_strcmp0(said, error->message) == 0)
			continue;
		cmd_input_failed(input, error->message, code);
		g_free(said);
		said = g_strdup(error->message);
	}
	return code;
}
