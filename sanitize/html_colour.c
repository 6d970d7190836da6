/* html_colour: CSS Color 4 and the colours of old attributes (HTML 2.3.4). */
#include "html_css_priv.h"
#include "html_style_priv.h"

#include <stdlib.h>
#include <string.h>

enum { LEGACY_CHARS = 128, WORD_MAX = 256 };

typedef struct {
	const char *name;
	uint32_t rgb;
} Name;

/* In the order of strcmp. */
static const Name names[] = {
	{ "aliceblue", 0xf0f8ff },
	{ "antiquewhite", 0xfaebd7 },
	{ "aqua", 0x00ffff },
	{ "aquamarine", 0x7fffd4 },
	{ "azure", 0xf0ffff },
	{ "beige", 0xf5f5dc },
	{ "bisque", 0xffe4c4 },
	{ "black", 0x000000 },
	{ "blanchedalmond", 0xffebcd },
	{ "blue", 0x0000ff },
	{ "blueviolet", 0x8a2be2 },
	{ "brown", 0xa52a2a },
	{ "burlywood", 0xdeb887 },
	{ "cadetblue", 0x5f9ea0 },
	{ "chartreuse", 0x7fff00 },
	{ "chocolate", 0xd2691e },
	{ "coral", 0xff7f50 },
	{ "cornflowerblue", 0x6495ed },
	{ "cornsilk", 0xfff8dc },
	{ "crimson", 0xdc143c },
	{ "cyan", 0x00ffff },
	{ "darkblue", 0x00008b },
	{ "darkcyan", 0x008b8b },
	{ "darkgoldenrod", 0xb8860b },
	{ "darkgray", 0xa9a9a9 },
	{ "darkgreen", 0x006400 },
	{ "darkgrey", 0xa9a9a9 },
	{ "darkkhaki", 0xbdb76b },
	{ "darkmagenta", 0x8b008b },
	{ "darkolivegreen", 0x556b2f },
	{ "darkorange", 0xff8c00 },
	{ "darkorchid", 0x9932cc },
	{ "darkred", 0x8b0000 },
	{ "darksalmon", 0xe9967a },
	{ "darkseagreen", 0x8fbc8f },
	{ "darkslateblue", 0x483d8b },
	{ "darkslategray", 0x2f4f4f },
	{ "darkslategrey", 0x2f4f4f },
	{ "darkturquoise", 0x00ced1 },
	{ "darkviolet", 0x9400d3 },
	{ "deeppink", 0xff1493 },
	{ "deepskyblue", 0x00bfff },
	{ "dimgray", 0x696969 },
	{ "dimgrey", 0x696969 },
	{ "dodgerblue", 0x1e90ff },
	{ "firebrick", 0xb22222 },
	{ "floralwhite", 0xfffaf0 },
	{ "forestgreen", 0x228b22 },
	{ "fuchsia", 0xff00ff },
	{ "gainsboro", 0xdcdcdc },
	{ "ghostwhite", 0xf8f8ff },
	{ "gold", 0xffd700 },
	{ "goldenrod", 0xdaa520 },
	{ "gray", 0x808080 },
	{ "green", 0x008000 },
	{ "greenyellow", 0xadff2f },
	{ "grey", 0x808080 },
	{ "honeydew", 0xf0fff0 },
	{ "hotpink", 0xff69b4 },
	{ "indianred", 0xcd5c5c },
	{ "indigo", 0x4b0082 },
	{ "ivory", 0xfffff0 },
	{ "khaki", 0xf0e68c },
	{ "lavender", 0xe6e6fa },
	{ "lavenderblush", 0xfff0f5 },
	{ "lawngreen", 0x7cfc00 },
	{ "lemonchiffon", 0xfffacd },
	{ "lightblue", 0xadd8e6 },
	{ "lightcoral", 0xf08080 },
	{ "lightcyan", 0xe0ffff },
	{ "lightgoldenrodyellow", 0xfafad2 },
	{ "lightgray", 0xd3d3d3 },
	{ "lightgreen", 0x90ee90 },
	{ "lightgrey", 0xd3d3d3 },
	{ "lightpink", 0xffb6c1 },
	{ "lightsalmon", 0xffa07a },
	{ "lightseagreen", 0x20b2aa },
	{ "lightskyblue", 0x87cefa },
	{ "lightslategray", 0x778899 },
	{ "lightslategrey", 0x778899 },
	{ "lightsteelblue", 0xb0c4de },
	{ "lightyellow", 0xffffe0 },
	{ "lime", 0x00ff00 },
	{ "limegreen", 0x32cd32 },
	{ "linen", 0xfaf0e6 },
	{ "magenta", 0xff00ff },
	{ "maroon", 0x800000 },
	{ "mediumaquamarine", 0x66cdaa },
	{ "mediumblue", 0x0000cd },
	{ "mediumorchid", 0xba55d3 },
	{ "mediumpurple", 0x9370db },
	{ "mediumseagreen", 0x3cb371 },
	{ "mediumslateblue", 0x7b68ee },
	{ "mediumspringgreen", 0x00fa9a },
	{ "mediumturquoise", 0x48d1cc },
	{ "mediumvioletred", 0xc71585 },
	{ "midnightblue", 0x191970 },
	{ "mintcream", 0xf5fffa },
	{ "mistyrose", 0xffe4e1 },
	{ "moccasin", 0xffe4b5 },
	{ "navajowhite", 0xffdead },
	{ "navy", 0x000080 },
	{ "oldlace", 0xfdf5e6 },
	{ "olive", 0x808000 },
	{ "olivedrab", 0x6b8e23 },
	{ "orange", 0xffa500 },
	{ "orangered", 0xff4500 },
	{ "orchid", 0xda70d6 },
	{ "palegoldenrod", 0xeee8aa },
	{ "palegreen", 0x98fb98 },
	{ "paleturquoise", 0xafeeee },
	{ "palevioletred", 0xdb7093 },
	{ "papayawhip", 0xffefd5 },
	{ "peachpuff", 0xffdab9 },
	{ "peru", 0xcd853f },
	{ "pink", 0xffc0cb },
	{ "plum", 0xdda0dd },
	{ "powderblue", 0xb0e0e6 },
	{ "purple", 0x800080 },
	{ "rebeccapurple", 0x663399 },
	{ "red", 0xff0000 },
	{ "rosybrown", 0xbc8f8f },
	{ "royalblue", 0x4169e1 },
	{ "saddlebrown", 0x8b4513 },
	{ "salmon", 0xfa8072 },
	{ "sandybrown", 0xf4a460 },
	{ "seagreen", 0x2e8b57 },
	{ "seashell", 0xfff5ee },
	{ "sienna", 0xa0522d },
	{ "silver", 0xc0c0c0 },
	{ "skyblue", 0x87ceeb },
	{ "slateblue", 0x6a5acd },
	{ "slategray", 0x708090 },
	{ "slategrey", 0x708090 },
	{ "snow", 0xfffafa },
	{ "springgreen", 0x00ff7f },
	{ "steelblue", 0x4682b4 },
	{ "tan", 0xd2b48c },
	{ "teal", 0x008080 },
	{ "thistle", 0xd8bfd8 },
	{ "tomato", 0xff6347 },
	{ "turquoise", 0x40e0d0 },
	{ "violet", 0xee82ee },
	{ "wheat", 0xf5deb3 },
	{ "white", 0xffffff },
	{ "whitesmoke", 0xf5f5f5 },
	{ "yellow", 0xffff00 },
	{ "yellowgreen", 0x9acd32 },
};

static int compare_name(const void *key, const void *row)
{
	return strcmp(key, ((const Name *)row)->name);
}

static HtmlColour opaque(uint32_t rgb)
{
	return (HtmlColour) { (uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb, 255, true };
}

static bool parse_name(const char *word, HtmlColour *ret_colour)
{
	if (*word < 'a' || *word > 'z') /* a number, in an attribute */
		return false;
	const Name *name = bsearch(word, names, G_N_ELEMENTS(names), sizeof(names[0]), compare_name);

	if (name == NULL && strcmp(word, "transparent") != 0)
		return false;
	*ret_colour = name != NULL ? opaque(name->rgb) : (HtmlColour) { .known = true };
	return true;
}

/* -1: no digit. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

static uint8_t hex_pair(const char *hex, size_t digits_each)
{
	int high = hex_value(hex[0]);

	return (uint8_t)(high * 16 + (digits_each == 2 ? hex_value(hex[1]) : high));
}

static bool parse_hex(const char *hex, HtmlColour *ret_colour)
{
	size_t n = strlen(hex), each = n >= 6 ? 2 : 1;

	if (n != strspn(hex, "0123456789abcdef") || (n != 3 && n != 4 && n != 6 && n != 8))
		return false;
	*ret_colour = (HtmlColour) { hex_pair(hex, each), hex_pair(hex + each, each),
		                     hex_pair(hex + 2 * each, each), 255, true };
	if (n == 4 || n == 8)
		ret_colour->alpha = hex_pair(hex + 3 * each, each);
	return true;
}

static uint8_t to_byte(double share)
{
	return (uint8_t)(CLAMP(share, 0.0, 1.0) * 255 + 0.5);
}

/* Three numbers and perhaps an alpha; between them commas, blanks or a slash. */
static unsigned read_arguments(HtmlCssWord inside, HtmlCssNumber numbers[4])
{
	const char *cursor = inside.text, *end = inside.text + inside.bytes;
	unsigned n = 0;
	HtmlCssWord word;

	while (html_css_word(&cursor, end, ",/", &word)) {
		if (n == 4)
			return 0;
		if (html_css_is(word, "none"))
			numbers[n] = (HtmlCssNumber) { HTML_CSS_NUMBER, 0 };
		else if (!html_css_number(word, &numbers[n]))
			return 0;
		n++;
	}
	return n;
}

static bool share_of(HtmlCssNumber number, double whole, double *ret_share)
{
	if (number.unit != HTML_CSS_NUMBER && number.unit != HTML_CSS_PERCENT)
		return false;
	*ret_share = number.value / (number.unit == HTML_CSS_PERCENT ? 100 : whole);
	return true;
}

static bool parse_alpha(const HtmlCssNumber numbers[4], unsigned n, uint8_t *ret_alpha)
{
	double alpha = 1;

	if (n < 3 || (n == 4 && !share_of(numbers[3], 1, &alpha)))
		return false;
	*ret_alpha = to_byte(alpha);
	return true;
}

static bool parse_rgb(HtmlCssWord inside, HtmlColour *ret_colour)
{
	HtmlCssNumber numbers[4];
	double shares[3];
	uint8_t alpha;
	unsigned n = read_arguments(inside, numbers);

	if (!parse_alpha(numbers, n, &alpha))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		if (!share_of(numbers[i], 255, &shares[i]))
			return false;
	}
	*ret_colour =
	        (HtmlColour) { to_byte(shares[0]), to_byte(shares[1]), to_byte(shares[2]), alpha, true };
	return true;
}

/* One channel of CSS Color 4, 7.1: shift is 0 for red, 8 for green, 4 for blue; hue in twelfths of a turn. */
static uint8_t hsl_channel(double hue, double saturation, double light, int shift)
{
	double k = hue + shift;

	k = k >= 12 ? k - 12 : k;
	double slope = MIN(MIN(k - 3, 9 - k), 1.0);
	return to_byte(light - saturation * MIN(light, 1 - light) * MAX(-1.0, slope));
}

static bool parse_hsl(HtmlCssWord inside, HtmlColour *ret_colour)
{
	HtmlCssNumber numbers[4];
	double saturation, light;
	uint8_t alpha;
	unsigned n = read_arguments(inside, numbers);

	if (!parse_alpha(numbers, n, &alpha) ||
	    (numbers[0].unit != HTML_CSS_NUMBER && numbers[0].unit != HTML_CSS_TURN))
		return false;
	if (!share_of(numbers[1], 100, &saturation) || !share_of(numbers[2], 100, &light))
		return false;
	double turns = numbers[0].value / (numbers[0].unit == HTML_CSS_TURN ? 1 : 360);
	double hue = (turns - (double)(int64_t)turns) * 12;
	hue = hue < 0 ? hue + 12 : hue;
	saturation = CLAMP(saturation, 0.0, 1.0);
	light = CLAMP(light, 0.0, 1.0);
	*ret_colour =
	        (HtmlColour) { hsl_channel(hue, saturation, light, 0), hsl_channel(hue, saturation, light, 8),
		               hsl_channel(hue, saturation, light, 4), alpha, true };
	return true;
}

static bool parse_css(const char *word, HtmlColour *ret_colour)
{
	HtmlCssWord whole = { word, strlen(word) }, inside;

	if (word[0] == '#')
		return parse_hex(word + 1, ret_colour);
	if (html_css_function(whole, "rgb", &inside) || html_css_function(whole, "rgba", &inside))
		return parse_rgb(inside, ret_colour);
	if (html_css_function(whole, "hsl", &inside) || html_css_function(whole, "hsla", &inside))
		return parse_hsl(inside, ret_colour);
	return parse_name(word, ret_colour);
}

/* HTML 2.3.4 steps 8 to 11: what is no hex digit counts as 0, what is outside the BMP as two of them. */
static size_t legacy_digits(const char *text, size_t bytes, char digits[LEGACY_CHARS + 3])
{
	const char *end = text + bytes;
	size_t n = 0;

	for (const char *at = text; at < end && n < LEGACY_CHARS; at = g_utf8_next_char(at)) {
		bool wide = (unsigned char)*at >= 0xf0;
		if (n == 0 && at == text && *at == '#')
			continue;
		digits[n++] = hex_value(*at) >= 0 ? *at : '0';
		if (wide && n < LEGACY_CHARS)
			digits[n++] = '0';
	}
	while (n == 0 || n % 3 != 0)
		digits[n++] = '0';
	return n;
}

/* Steps 12 to 16: the last eight digits of each third, less common zeros, of these the first two. */
static HtmlColour legacy_thirds(const char *digits, size_t n)
{
	size_t third = n / 3, skip = third > 8 ? third - 8 : 0, left = third - skip;

	while (left > 2 && digits[skip] == '0' && digits[third + skip] == '0' &&
	       digits[2 * third + skip] == '0') {
		skip++;
		left--;
	}
	size_t each = left >= 2 ? 2 : 1;
	if (each == 2)
		return (HtmlColour) { hex_pair(digits + skip, 2), hex_pair(digits + third + skip, 2),
			              hex_pair(digits + 2 * third + skip, 2), 255, true };
	return (HtmlColour) { (uint8_t)hex_value(digits[0]), (uint8_t)hex_value(digits[1]),
		              (uint8_t)hex_value(digits[2]), 255, true };
}

static bool parse_legacy(const char *text, size_t bytes, HtmlColour *ret_colour)
{
	char digits[LEGACY_CHARS + 3];

	*ret_colour = legacy_thirds(digits, legacy_digits(text, bytes, digits));
	return true;
}

bool html_colour_parse(const char *text, size_t bytes, bool legacy, HtmlColour *ret_colour)
{
	char word[WORD_MAX];
	HtmlColour colour;

	while (bytes > 0 && g_ascii_isspace(text[0]))
		text++, bytes--;
	while (bytes > 0 && g_ascii_isspace(text[bytes - 1]))
		bytes--;
	if (bytes == 0)
		return false;
	if (bytes < sizeof(word)) {
		for (size_t i = 0; i < bytes; i++)
			word[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
		word[bytes] = '\0';
		bool css = legacy ? word[0] == '#' && bytes == 4 ? parse_hex(word + 1, &colour)
		                                                 : parse_name(word, &colour)
		                  : parse_css(word, &colour);
		/* an attribute cannot say "transparent" */
		if (css && (!legacy || colour.alpha == 255)) {
			*ret_colour = colour;
			return true;
		}
		if (legacy && css)
			return false;
	}
	return legacy && parse_legacy(text, bytes, ret_colour);
}
