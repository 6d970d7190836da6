/* confine UNIT-USER SYSCALLS -- COMMAND...: puts on what the systemd unit would put on, as far as that goes
 * without systemd as pid 1, then runs the command: the unit's user, no capabilities and an empty bounding
 * set, no_new_privs, only the system calls in the file SYSCALLS (one name a line, the rest fail with EPERM),
 * only the named address families, no core files. check_unit
 * reads the values from the unit itself. */
#include <errno.h>
#include <grp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
	fprintf(stderr, "confine: %s: %s\n", what, strerror(errno));
	exit(70);
}

static void drop_capabilities(void)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++)
		if (prctl(PR_CAPBSET_DROP, capability) != 0)
			fail("drop a capability");
}

static void allow_listed(scmp_filter_ctx filter, const char *path)
{
	char name[128];
	FILE *list = fopen(path, "re");
	if (list == NULL)
		fail(path);
	while (fscanf(list, "%127s", name) == 1) {
		int number = seccomp_syscall_resolve_name(name);
		/* Groups name calls of other architectures, too. */
		if (number >= 0)
			seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	}
	fclose(list);
}

static void filter_calls(const char *path)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (filter == NULL)
		fail("seccomp_init");
	allow_listed(filter, path);
	if (seccomp_load(filter) != 0)
		fail("load the filter");
	seccomp_release(filter);
}

/* RestrictAddressFamilies=AF_UNIX: systemd 252 does it by a filter. */
static void filter_arguments(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter == NULL)
		fail("seccomp_init");
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
	                 SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	if (seccomp_load(filter) != 0)
		fail("load the filter");
	seccomp_release(filter);
}

int main(int argc, char **argv)
{
	if (argc < 5 || strcmp(argv[3], "--") != 0) {
		fprintf(stderr, "usage: confine UID SYSCALLS -- COMMAND...\n");
		return 64;
	}
	uid_t uid = (uid_t)atoi(argv[1]);
	const struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	drop_capabilities();
	if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
		fail("become the unit's user");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail("no_new_privs");
	filter_arguments();
	filter_calls(argv[2]);
	execv(argv[4], argv + 4);
	fail(argv[4]);
}
