#include "probes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

int probe_pid = 1;

static int result(long value)
{
	return value < 0 ? errno : 0;
}

static int try_open(int fd)
{
	(void)fd;
	return result(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int try_open_directory(int fd)
{
	(void)fd;
	return result(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int try_open_proc(int fd)
{
	(void)fd;
	return result(open("/proc/self/mem", O_RDWR | O_CLOEXEC));
}

static int try_old_open(int fd)
{
	(void)fd;
#ifdef SYS_open
	return result(syscall(SYS_open, "/etc/passwd", O_RDONLY));
#else
	return result(syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0));
#endif
}

static int try_openat2(int fd)
{
	(void)fd;
	struct {
		unsigned long long flags, mode, resolve;
	} how = { O_RDONLY | O_CLOEXEC, 0, 0 };
	return result(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how));
}

static int try_stat(int fd)
{
	struct stat file;
	(void)fd;
	return result(stat("/etc/passwd", &file));
}

static int try_statx(int fd)
{
	struct statx file;
	(void)fd;
	return result(syscall(SYS_statx, AT_FDCWD, "/etc/passwd", 0, STATX_SIZE, &file));
}

/* A filter cannot read the path, so AT_EMPTY_PATH in the flags must not open the door. */
static int try_stat_empty_path_flag(int fd)
{
	struct stat file;
	(void)fd;
	return result(syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &file, AT_EMPTY_PATH));
}

static int try_stat_empty_path(int fd)
{
	struct stat file;
	return result(syscall(SYS_newfstatat, fd, "", &file, AT_EMPTY_PATH));
}

static int try_access(int fd)
{
	(void)fd;
	return result(syscall(SYS_faccessat, AT_FDCWD, "/etc/passwd", R_OK));
}

static int try_readlink(int fd)
{
	char text[64];
	(void)fd;
	return result(syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, sizeof text));
}

static int try_getcwd(int fd)
{
	char text[4096];
	(void)fd;
	return result(syscall(SYS_getcwd, text, sizeof text));
}

static int try_socket(int fd)
{
	(void)fd;
	return result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int try_socketpair(int fd)
{
	int ends[2];
	(void)fd;
	return result(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

static int try_connect(int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return result(connect(fd, (const struct sockaddr *)&address, sizeof address));
}

static int try_send_descriptor(int fd)
{
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	struct msghdr message = {
		.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &data, .msg_iovlen = 1
	};
	return result(sendmsg(fd, &message, 0));
}

static int try_execve(int fd)
{
	char *const arguments[] = { (char *)"true", NULL };
	char *const environment[] = { NULL };
	(void)fd;
	return result(execve("/bin/true", arguments, environment));
}

static int reap(pid_t pid)
{
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : result(waitpid(pid, NULL, 0));
}

static int try_fork(int fd)
{
	(void)fd;
	return reap((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static int try_clone3(int fd)
{
	struct {
		unsigned long long field[8];
	} arguments = { { 0 } };
	(void)fd;
	arguments.field[4] = SIGCHLD; /* exit_signal */
	return reap((pid_t)syscall(SYS_clone3, &arguments, sizeof arguments));
}

static int try_ptrace(int fd)
{
	(void)fd;
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_kill(int fd)
{
	(void)fd;
	return result(kill(0, 0));
}

static int try_io_uring(int fd)
{
	struct io_uring_params parameters;
	(void)fd;
	memset(&parameters, 0, sizeof parameters);
	return result(syscall(SYS_io_uring_setup, 1, &parameters));
}

static int try_memfd(int fd)
{
	(void)fd;
	return result(memfd_create("probe", MFD_CLOEXEC));
}

static int try_map_code(int fd)
{
	(void)fd;
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return map == MAP_FAILED ? errno : 0;
}

static int try_protect_code(int fd)
{
	(void)fd;
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return map == MAP_FAILED ? errno : result(mprotect(map, 4096, PROT_READ | PROT_EXEC));
}

static int try_unshare(int fd)
{
	(void)fd;
	return result(unshare(CLONE_NEWUSER));
}

static int try_other_memory(int fd)
{
	char here[16], there[16] = "another process";
	struct iovec local = { here, sizeof here }, remote = { there, sizeof there };
	(void)fd;
	return result(process_vm_readv(probe_pid, &local, 1, &remote, 1, 0));
}

static int try_pidfd(int fd)
{
	(void)fd;
	return result(syscall(SYS_pidfd_open, 1, 0));
}

static int try_prctl(int fd)
{
	(void)fd;
	return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int try_raise_limit(int fd)
{
	const struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	(void)fd;
	return result(syscall(SYS_prlimit64, 0, RLIMIT_CPU, &limit, NULL));
}

static int try_ioctl(int fd)
{
	int waiting;
	return result(syscall(SYS_ioctl, fd, 0x541B /* FIONREAD */, &waiting));
}

static int try_fcntl_dup(int fd)
{
	return result(fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

static int try_getpid(int fd)
{
	(void)fd;
	return result(syscall(SYS_getpid));
}

static int try_sigaction(int fd)
{
	struct sigaction old;
	(void)fd;
	return result(sigaction(SIGTERM, NULL, &old));
}

static int try_fcntl_owner(int fd)
{
	return result(fcntl(fd, F_SETOWN, probe_pid));
}

static int try_tgkill(int fd)
{
	(void)fd;
	return result(syscall(SYS_tgkill, probe_pid, probe_pid, 0));
}

static int try_create(int fd)
{
	(void)fd;
	int made = open("/var/tmp/mugai-probe", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return made < 0 ? errno : result(unlink("/var/tmp/mugai-probe"));
}

static const char font[] = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

static int try_truncate(int fd)
{
	(void)fd;
	int opened = open("/dev/null", O_RDONLY | O_TRUNC | O_CLOEXEC);
	return opened < 0 ? errno : result(close(opened));
}

static int try_write_font(int fd)
{
	(void)fd;
	return result(open(font, O_WRONLY | O_CLOEXEC));
}

static int try_open_path(int fd)
{
	(void)fd;
	return result(open(font, O_PATH | O_CLOEXEC));
}

static int try_open_around(int fd)
{
	(void)fd;
	return result(open("/usr/share/fonts/../../../etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int try_font(int fd)
{
	char bytes[4];
	(void)fd;
	int opened = open(font, O_RDONLY | O_CLOEXEC);
	return opened < 0 ? errno : read(opened, bytes, sizeof bytes) == sizeof bytes ? 0 : EIO;
}

static int try_font_directory(int fd)
{
	char entries[512];
	(void)fd;
	int opened = open("/usr/share/fonts", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return opened < 0 ? errno : result(syscall(SYS_getdents64, opened, entries, sizeof entries));
}

static int try_get_limit(int fd)
{
	struct rlimit limit;
	(void)fd;
	return result(syscall(SYS_prlimit64, 0, RLIMIT_STACK, NULL, &limit));
}

static const char own[] = "mugai-probe.file";

static int create_own(void)
{
	return open(own, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static int try_create_here(int fd)
{
	(void)fd;
	int made = create_own();
	if (made < 0)
		return errno;
	int failed = write(made, "x", 1) == 1 ? 0 : errno;
	return unlink(own) == 0 ? failed : errno;
}

static int map_code(int opened)
{
	void *map = opened < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, opened, 0);
	return map == MAP_FAILED ? errno : 0;
}

/* Where libraries are, any file is as good as a library. */
static int try_map_library(int fd)
{
	(void)fd;
	return map_code(open("/usr/lib/os-release", O_RDONLY | O_CLOEXEC));
}

static int try_map_font(int fd)
{
	(void)fd;
	return map_code(open(font, O_RDONLY | O_CLOEXEC));
}

static int try_map_own(int fd)
{
	(void)fd;
	int made = create_own();
	if (made < 0)
		return errno;
	int failed = write(made, "x", 1) == 1 ? map_code(made) : EIO;
	return unlink(own) == 0 ? failed : errno;
}

static int try_map_memory(int fd)
{
	(void)fd;
	void *map = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return map == MAP_FAILED ? errno : 0;
}

static void *do_nothing(void *data)
{
	return data;
}

static int try_thread(int fd)
{
	pthread_t thread;
	(void)fd;
	int failed = pthread_create(&thread, NULL, do_nothing, NULL);
	return failed != 0 ? failed : pthread_join(thread, NULL);
}

static int try_vfork(int fd)
{
	(void)fd;
	return reap(vfork());
}

static int try_clone_namespace(int fd)
{
	(void)fd;
	return reap((pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static int try_link_own(int fd)
{
	(void)fd;
	static const char other[] = "mugai-probe.link";
	int made = create_own();
	if (made < 0)
		return errno;
	int failed = result(link(own, other));
	unlink(other);
	return unlink(own) == 0 ? failed : errno;
}

static int try_make_pipe(int fd)
{
	(void)fd;
	int failed = result(mkfifo(own, 0600));
	unlink(own);
	return failed;
}

const Probe probes[] = {
	{ "open", try_open, PROBE_DENIED, PROBE_DENIED, ENOENT, false, false },
	{ "open a directory", try_open_directory, PROBE_DENIED, PROBE_DENIED, 0, false, false },
	{ "open own memory", try_open_proc, PROBE_DENIED, PROBE_DENIED, ENOENT, false, false },
	{ "open, old call", try_old_open, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "openat2", try_openat2, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "stat", try_stat, PROBE_DENIED, PROBE_DENIED, ENOENT, false, true },
	{ "statx", try_statx, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "newfstatat with AT_EMPTY_PATH and a path", try_stat_empty_path_flag, PROBE_DENIED, PROBE_DENIED, ENOENT, false, true },
	{ "newfstatat with an empty path", try_stat_empty_path, PROBE_DENIED, PROBE_WORKS, 0, false, false },
	{ "faccessat", try_access, PROBE_KILLED, PROBE_DENIED, ENOENT, false, true },
	{ "readlinkat", try_readlink, PROBE_KILLED, PROBE_DENIED, PROBE_DEATH, false, true },
	{ "getcwd", try_getcwd, PROBE_KILLED, PROBE_KILLED, 0, false, false },
	{ "socket", try_socket, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "socketpair", try_socketpair, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "connect", try_connect, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "sendmsg", try_send_descriptor, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "execve", try_execve, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "fork", try_fork, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "clone3", try_clone3, PROBE_KILLED, PROBE_KILLED, ENOSYS, false, false },
	{ "ptrace", try_ptrace, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "kill", try_kill, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "io_uring_setup", try_io_uring, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "memfd_create", try_memfd, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "mmap, writable and executable", try_map_code, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "mprotect, executable", try_protect_code, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "unshare", try_unshare, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "process_vm_readv", try_other_memory, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "pidfd_open", try_pidfd, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "prctl", try_prctl, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "prlimit64", try_raise_limit, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
	{ "ioctl", try_ioctl, PROBE_KILLED, PROBE_DENIED, EPERM, false, false },
	{ "fcntl F_DUPFD", try_fcntl_dup, PROBE_KILLED, PROBE_KILLED, 0, false, false },
	{ "getpid", try_getpid, PROBE_KILLED, PROBE_WORKS, 0, false, false },
	{ "rt_sigaction", try_sigaction, PROBE_KILLED, PROBE_KILLED, 0, false, false },
	{ "fcntl F_SETOWN", try_fcntl_owner, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "tgkill", try_tgkill, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "write to a font", try_write_font, PROBE_DENIED, PROBE_DENIED, EROFS, true, false },
	{ "create a file", try_create, PROBE_DENIED, PROBE_DENIED, ENOENT, false, false },
	{ "open and truncate", try_truncate, PROBE_DENIED, PROBE_KILLED, ENOENT, false, false },
	{ "open by a path alone", try_open_path, PROBE_DENIED, PROBE_KILLED, 0, false, false },
	{ "open a file behind a directory of fonts", try_open_around, PROBE_DENIED, PROBE_DENIED, ENOENT, false, false },
	{ "read a font", try_font, PROBE_DENIED, PROBE_WORKS, 0, false, false },
	{ "read a directory of fonts", try_font_directory, PROBE_DENIED, PROBE_WORKS, 0, false, false },
	{ "ask for a limit", try_get_limit, PROBE_KILLED, PROBE_WORKS, 0, false, false },
	{ "create a file here", try_create_here, PROBE_DENIED, PROBE_DENIED, 0, false, false },
	{ "map code of a library", try_map_library, PROBE_DENIED, PROBE_DENIED, 0, false, false },
	{ "map code of another file", try_map_font, PROBE_DENIED, PROBE_KILLED, EPERM, false, false },
	{ "map code of a file of its own", try_map_own, PROBE_DENIED, PROBE_DENIED, EPERM, false, false },
	{ "map code of memory", try_map_memory, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "start a thread", try_thread, PROBE_KILLED, PROBE_KILLED, 0, false, false },
	{ "vfork", try_vfork, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "clone with a namespace", try_clone_namespace, PROBE_KILLED, PROBE_KILLED, EPERM, false, false },
	{ "link a file of its own", try_link_own, PROBE_DENIED, PROBE_DENIED, PROBE_DEATH, false, false },
	{ "make a pipe with a name", try_make_pipe, PROBE_KILLED, PROBE_KILLED, PROBE_DEATH, false, false },
};
const unsigned n_probes = sizeof probes / sizeof *probes;
