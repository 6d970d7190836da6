/* gmime_auto: g_autoptr for the GMime types that we use; the installed headers have none. */
#ifndef MUGAI_SANITIZE_GMIME_AUTO_PRIV_H
#define MUGAI_SANITIZE_GMIME_AUTO_PRIV_H

#include <gmime/gmime.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeObject, g_object_unref)

#endif
