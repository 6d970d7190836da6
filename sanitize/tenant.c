#include "sanitize.h"

struct Tenant {
	const char *name;
};

const Tenant *tenant_default(void)
{
	static const Tenant tenant = { .name = "default" };
	return &tenant;
}

const char *tenant_name(const Tenant *tenant)
{
	return tenant->name;
}
