/* mugai-parse: reads mails in jails. */
#include "parse_worker_priv.h"

int main(int argc, char **argv)
{
	static const ParseProgram self = { "mugai-parse", parse_warm_up, parse_message };

	return parse_worker_main(argc, argv, &self);
}
