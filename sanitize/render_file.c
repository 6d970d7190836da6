/* render_file: one document that is no mail, through the same jails as an attachment. */
#include "convert_document_priv.h"
#include "original_priv.h"

const SupervisorKind *sanitize_render_kinds(const char *directory, unsigned *ret_count)
{
	static SupervisorKind kinds[3];
	static char *programs[2], *office;
	static const char *const names[][2] = { { "render", "mugai-render" }, { "text", "mugai-text" } };
	for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
		g_free(programs[i]);
		programs[i] = g_build_filename(directory, names[i][1], NULL);
		kinds[i] = (SupervisorKind) {
			.name = names[i][0], .executable = programs[i], .spare = 1, .maximum = 2
		};
	}
	*ret_count = office_kind(directory, 1, &office, &kinds[2]) ? 3 : 2;
	return kinds;
}

static bool fail(GError **error, int code, const char *why)
{
	g_set_error(error, SANITIZE_ERROR, code, "%s", why);
	return false;
}

RenderResult *sanitize_render(Supervisor *supervisor, Conf *conf, Original *document, const RenderOptions *options,
                              const char *name, GError **error)
{
	if (!original_is_whole(document, error))
		return NULL;
	g_autoptr(Sealed) sealed = original_seal(document, error);
	if (sealed == NULL)
		return NULL;
	const ConfSettings *settings = conf_settings(conf);
	g_autoptr(OfficeHealth) health = office_health_new(supervisor);
	const ConvertContext context = { .supervisor = supervisor,
		                         .office = health,
		                         .settings = settings,
		                         .defang = POLICY_DEFANG_FLAGGED,
		                         .options = *options };
	/* Nobody has looked at its type: whatever cannot be drawn is tried as a text. */
	const ConvertClaims claims = { .declared_type = "text/plain", .true_type = "", .name = name };
	const ConvertBudget budget = { .until = g_get_monotonic_time() + (int64_t)settings->limits.total * 1000 };
	g_autoptr(Unread) input = unread_of_sealed(sealed);
	g_autoptr(GError) cause = NULL;
	RenderResult *result = convert_document(&context, &claims, input, &budget, &cause);
	if (result == NULL)
		fail(error, SANITIZE_ERROR_ENVIRONMENT, cause->message);
	return result;
}
