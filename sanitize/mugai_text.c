/* mugai-text: reads one text that is no mail, as mugai-parse would, for "mugai text". A program of its own, since what
 * only mails need (libmagic, libcrypto) takes longer to load than a page takes to read. */
#include "parse_worker_priv.h"

int main(int argc, char **argv)
{
	static const ParseProgram self = { "mugai-text", parse_text_warm_up, parse_body };

	return parse_worker_main(argc, argv, &self);
}
