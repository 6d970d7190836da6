/* plain: THE TRUST BOUNDARY. The only things a jail may send to trusted code.
 *
 * A jail answers with a sequence of records: lines of Unicode, addresses, running text,
 * part descriptions, small numbers, pictures, text runs with boxes, and an end. Nothing
 * else exists on this wire: no bytes of a message, no pointers, no floats, no
 * descriptors. A jail that an attacker owns completely can choose letters, pixels and
 * numbers, within caps, in an allowed order; that is the whole of its power.
 *
 * Linked into both halves: the jailed half encodes (PlainWriter), the trusted half
 * decodes (plain_decode) and checks EVERY record (plain_check) before it looks at one.
 * This library knows nothing of mail or PDF: what slot 3 or counter 7 means stands in
 * the _priv.h of the wire's two halves.
 *
 * Threads: no global state. One PlainWriter or PlainChecker belongs to one thread at a
 * time; distinct ones are independent.
 */
#ifndef MUGAI_CELL_PLAIN_H
#define MUGAI_CELL_PLAIN_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

#define PLAIN_ERROR (plain_error_quark())
GQuark plain_error_quark(void);

typedef enum {
	PLAIN_ERROR_FRAME,   /* bad magic, version, type, sequence number or length */
	PLAIN_ERROR_FIELD,   /* a field is malformed: short, long, not UTF-8, bad number */
	PLAIN_ERROR_TEXT,    /* text holds a character that may not cross */
	PLAIN_ERROR_LIMIT,   /* a cap on size, count or total is exceeded */
	PLAIN_ERROR_ORDER,   /* a record comes where it may not: before READY, after END, ... */
	PLAIN_ERROR_IO,      /* the peer is gone or the socket failed (writer only) */
} PlainError;

/* Caps that hold for every wire. A request's own caps (PlainCaps) only lower them. */
enum {
	PLAIN_FRAME_MAX = 64 * 1024,  /* bytes of one frame, header included */
	PLAIN_HEADER_SIZE = 20,       /* bytes: magic, version, type, sequence, length */
	PLAIN_STRING_MAX = 48 * 1024, /* bytes of UTF-8 in one PLAIN_STRING */
	PLAIN_TEXT_MAX = 48 * 1024,   /* bytes of UTF-8 in one PLAIN_TEXT piece */
	PLAIN_NAME_MAX = 2048,        /* bytes of a name, type or address component */
	PLAIN_DEPTH_MAX = 32,         /* numbers in a part's path, e.g. 2.1.4 is three */
	PLAIN_PICTURE_SIDE_MAX = 65535, /* pixels */
	PLAIN_PICTURE_BOX_MAX = 14400000, /* 1/1000 pt: 200 inches */
};

typedef enum {
	PLAIN_READY = 1, /* first: the jail is on; says which walls stand */
	PLAIN_STRING,    /* one line of Unicode: a header value, a label */
	PLAIN_ADDRESS,   /* display name, local part, domain */
	PLAIN_TEXT,      /* a piece of running text; pieces of one stream join in order */
	PLAIN_PART,      /* a part description, with its range in the arena */
	PLAIN_COUNTER,   /* a small number with a meaning */
	PLAIN_PICTURE,   /* a picture's size, format and range in the pixel arena */
	PLAIN_RUN,       /* a run of text with its box on a picture */
	PLAIN_END,       /* last: the status, and how many records came before */
	PLAIN_TYPE_COUNT
} PlainType;

typedef enum {
	PLAIN_XRGB32 = 1, /* 4 bytes: 0x00RRGGBB in the host's byte order, the top byte means nothing */
	PLAIN_GRAY8 = 2,
} PlainPixelFormat;

/* Walls that stand, as the jail itself says in READY. seccomp and Landlock are always
 * there, else the child does not come this far. */
enum {
	PLAIN_WALL_LANDLOCK = 1 << 0,
	PLAIN_WALL_SECCOMP = 1 << 1,
	PLAIN_WALL_NET_NAMESPACE = 1 << 2,
	PLAIN_WALL_MOUNT_NAMESPACE = 1 << 3,
	PLAIN_WALL_PID_NAMESPACE = 1 << 4,
	PLAIN_WALL_MDWE = 1 << 5,
	PLAIN_WALL_ALL = (1 << 6) - 1,
};

/* Strings are NUL-terminated valid UTF-8 owned by the record; never NULL (absent = ""). */
typedef struct {
	PlainType type;
	uint32_t sequence; /* 0, 1, 2, ... within one answer */
	union {
		struct {
			uint32_t walls; /* PLAIN_WALL_* */
		} ready;
		struct {
			uint16_t slot;  /* what it is; meaning belongs to the wire */
			uint16_t index; /* n-th of its kind, or a slot-specific number */
			char *text;     /* one line: no control characters at all */
		} string;
		struct {
			uint16_t slot;
			uint16_t index;
			char *name;   /* display name, one line, may be "" */
			char *local;  /* local part, unquoted, one line */
			char *domain; /* as written (Unicode or ASCII), one line, may be "" */
		} address;
		struct {
			uint16_t stream;
			char *text; /* LF is the only control character */
			size_t bytes;
		} text;
		struct {
			uint16_t number[PLAIN_DEPTH_MAX]; /* each 1 .. 65535 */
			uint16_t depth;                   /* 1 .. PLAIN_DEPTH_MAX */
			uint16_t reason;                  /* meaning belongs to the wire */
			uint32_t flags;                   /* meaning belongs to the wire */
			char *name;          /* claimed file name, one line, may be "" */
			char *declared_type; /* claimed, one line */
			char *true_type;     /* guessed from the bytes, one line */
			uint64_t bytes;      /* decoded size */
			uint64_t offset;     /* the decoded bytes in the arena ... */
			uint64_t length;     /* ... 0 when they are not there */
			uint8_t sha256[32];  /* claimed hash of those bytes; never a key */
		} part;
		struct {
			uint16_t id;
			uint64_t value;
		} counter;
		struct {
			uint32_t page;   /* 1-based */
			uint32_t width;  /* pixels */
			uint32_t height; /* pixels */
			uint16_t format; /* PlainPixelFormat */
			uint16_t dpi;
			uint32_t box_width;  /* 1/1000 pt: the size on paper */
			uint32_t box_height; /* 1/1000 pt */
			uint64_t offset; /* in the pixel arena; rows are width * bytes-per-pixel, no padding */
			uint64_t length; /* must be exactly width * height * bytes-per-pixel */
		} picture;
		struct {
			uint32_t page;        /* of an earlier PLAIN_PICTURE */
			int32_t x, y, w, h;   /* 1/64 of a pixel, y grows downward, w and h >= 0 */
			uint16_t vertical;    /* 0 or 1 */
			char *text;           /* one line */
		} run;
		struct {
			uint16_t status;  /* meaning belongs to the wire; 0 = complete */
			uint32_t records; /* records before this one, READY included */
		} end;
	};
} PlainRecord;

/* Frees a record and its strings. NULL is fine. */
void plain_record_free(PlainRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlainRecord, plain_record_free)

/* ---- jailed half ------------------------------------------------------------------ */

/* Writes records as frames to a SOCK_SEQPACKET socket, one write(2) each. After the
 * first failure every later call fails too (the answer is spoilt; the child exits).
 * The same limits as in the checker are mandatory constructors' caps here: a call that
 * would send too much sends nothing and returns false with PLAIN_ERROR_LIMIT, so a worker
 * must cut, and say that it cut, BEFORE it writes. Text is validated like the checker's. */
typedef struct PlainWriter PlainWriter;

/* fd is borrowed and must outlive the writer. max_records and max_bytes are the caps on
 * the whole answer (frames' bytes); both must be > 0. */
PlainWriter *plain_writer_new(int fd, uint32_t max_records, uint64_t max_bytes);
void plain_writer_free(PlainWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlainWriter, plain_writer_free)

bool plain_write_ready(PlainWriter *w, uint32_t walls, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool plain_write_string(PlainWriter *w, uint16_t slot, uint16_t index, const char *text,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool plain_write_address(PlainWriter *w, uint16_t slot, uint16_t index, const char *name,
                         const char *local, const char *domain,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Any length of text (within the caps): split into pieces at code point boundaries. */
bool plain_write_text(PlainWriter *w, uint16_t stream, const char *text, size_t bytes,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The type and sequence members of record are ignored and set by the writer. These four
 * borrow the record's strings (const in spirit). */
bool plain_write_part(PlainWriter *w, const PlainRecord *record,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool plain_write_counter(PlainWriter *w, uint16_t id, uint64_t value,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool plain_write_picture(PlainWriter *w, const PlainRecord *record,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool plain_write_run(PlainWriter *w, const PlainRecord *record,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Fills in the count of records by itself. */
bool plain_write_end(PlainWriter *w, uint16_t status, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- trusted half ----------------------------------------------------------------- */

/* Decodes one frame (all of it: trailing bytes are an error) into a new record that the
 * caller owns. Only the shape is judged here: magic, version, type, exact length, valid
 * UTF-8, every count inside the frame. NULL and error otherwise. Never trusts a length:
 * each is compared with what is left of the frame before it is used. */
PlainRecord *plain_decode(const uint8_t *frame, size_t length,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Encodes one record with the given sequence number into a new byte array (used by the
 * writer, by tests and by fuzzers: no check of the caps but PLAIN_FRAME_MAX, above which
 * it returns NULL). */
GByteArray *plain_encode(const PlainRecord *record, uint32_t sequence);

/* What one answer may hold, fixed by the trusted side when it asks. */
typedef struct {
	uint32_t types;           /* bit (1 << PlainType) for each type that may come; READY, END implied */
	uint32_t max_records;     /* all records together; > 0 */
	uint64_t max_text_bytes;  /* all PLAIN_TEXT, PLAIN_STRING, PLAIN_RUN and name bytes together; > 0 */
	uint32_t max_parts;       /* PLAIN_PART records */
	uint16_t max_part_depth;  /* numbers in a path, <= PLAIN_DEPTH_MAX */
	uint32_t max_pictures;
	uint64_t max_picture_pixels; /* of one picture */
	uint64_t arena_size;      /* ranges of parts must lie inside */
	uint64_t pixel_arena_size; /* ranges of pictures must lie inside */
} PlainCaps;

/* Judges the records of one answer in their order. */
typedef struct PlainChecker PlainChecker;

/* caps is copied. */
PlainChecker *plain_checker_new(const PlainCaps *caps);
void plain_checker_free(PlainChecker *checker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlainChecker, plain_checker_free)

/* True when the record may be used. Refuses (PLAIN_ERROR_*):
 *  - a sequence number that is not the next; anything but READY first; a second READY;
 *    anything after END; an END whose count is wrong; a type the caps do not list
 *  - a string or name with any C0, C1 or DEL character, a line or paragraph separator
 *    (U+2028/9), a noncharacter, or a bidi control; text with any control but LF, or a
 *    noncharacter (bidi controls in text are the assembler's to judge)
 *  - lengths over PLAIN_*_MAX; totals and counts over the caps
 *  - a part with a path of length 0, over the cap, or holding 0; two parts with the same
 *    number; a range outside the arena (checked without overflow); length > bytes
 *  - a picture of width or height 0 or over PLAIN_PICTURE_SIDE_MAX, unknown format, dpi 0,
 *    a box side of 0 or over PLAIN_PICTURE_BOX_MAX, length != width * height * bytes-per-pixel (checked without overflow), a range outside
 *    the pixel arena, page 0 or not greater than the last picture's page
 *  - a run for a page that has no picture yet, negative w or h, vertical above 1
 * After a refusal the checker refuses everything. */
bool plain_check(PlainChecker *checker, const PlainRecord *record,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* True once END was accepted. */
bool plain_checker_ended(const PlainChecker *checker);

/* "ready", "string", ... for messages; "?" for an unknown value. */
const char *plain_type_name(PlainType type);

G_END_DECLS

#endif
