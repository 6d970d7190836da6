#include "draw_image_priv.h"

#include <string.h>

typedef struct {
	const uint8_t *bytes;
	size_t length;
	bool big_endian;
} Exif;

enum {
	TAG_ORIENTATION = 0x0112,
	TAG_X_RESOLUTION = 0x011A,
	TAG_Y_RESOLUTION = 0x011B,
	TAG_RESOLUTION_UNIT = 0x0128,
	TYPE_SHORT = 3,
	TYPE_RATIONAL = 5,
	ENTRY_BYTES = 12,
	UNIT_CM = 3,
	ENTRIES_MAX = 512,
};

/* 0 outside: an offset is anything that the file says. */
static uint32_t number_at(const Exif *exif, size_t at, unsigned bytes)
{
	uint32_t value = 0;

	if (at > exif->length || exif->length - at < bytes)
		return 0;
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | exif->bytes[at + (exif->big_endian ? i : bytes - 1 - i)];
	return value;
}

static double rational_at(const Exif *exif, size_t entry)
{
	if (number_at(exif, entry + 2, 2) != TYPE_RATIONAL)
		return 0;
	uint32_t at = number_at(exif, entry + 8, 4);
	uint32_t divisor = number_at(exif, (size_t)at + 4, 4);
	return divisor == 0 ? 0 : (double)number_at(exif, at, 4) / divisor;
}

static unsigned short_at(const Exif *exif, size_t entry)
{
	return number_at(exif, entry + 2, 2) == TYPE_SHORT ? number_at(exif, entry + 8, 2) : 0;
}

static void read_directory(const Exif *exif, size_t at, ImageInfo *ret_info, unsigned *ret_unit)
{
	unsigned entries = MIN(number_at(exif, at, 2), ENTRIES_MAX);

	for (unsigned i = 0; i < entries; i++) {
		size_t entry = at + 2 + (size_t)i * ENTRY_BYTES;
		switch (number_at(exif, entry, 2)) {
		case TAG_ORIENTATION:
			ret_info->orientation = short_at(exif, entry);
			break;
		case TAG_X_RESOLUTION:
			ret_info->x_ppi = rational_at(exif, entry);
			break;
		case TAG_Y_RESOLUTION:
			ret_info->y_ppi = rational_at(exif, entry);
			break;
		case TAG_RESOLUTION_UNIT:
			*ret_unit = short_at(exif, entry);
			break;
		default:
			break;
		}
	}
}

void image_exif(const uint8_t *bytes, size_t length, ImageInfo *info)
{
	Exif exif = { bytes, length, false };
	ImageInfo found = { 0 };
	unsigned unit = 0;

	if (length < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
		return;
	exif.big_endian = bytes[0] == 'M';
	read_directory(&exif, number_at(&exif, 4, 4), &found, &unit);
	if (found.orientation >= 1 && found.orientation <= 8)
		info->orientation = found.orientation;
	if (info->x_ppi > 0 && info->y_ppi > 0)
		return;
	info->x_ppi = unit == UNIT_CM ? found.x_ppi * 2.54 : found.x_ppi;
	info->y_ppi = unit == UNIT_CM ? found.y_ppi * 2.54 : found.y_ppi;
}
