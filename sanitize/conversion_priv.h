/* conversion: what the policy wants made of a part, and what came of it. Trusted.
 *
 * policy_decide() gives a conversion to each part that is to be converted. Whoever converts asks conversion_options() how, and
 * hands what came to conversion_take(): that alone says whether the part is in the clean message, so that no failure
 * can leave a part that says it was converted and was not. A header of its own, since jailed code sees message_priv.h.
 */
#ifndef MUGAI_SANITIZE_CONVERSION_PRIV_H
#define MUGAI_SANITIZE_CONVERSION_PRIV_H

#include "conf.h"
#include "message_priv.h"
#include "render.h"

G_BEGIN_DECLS

struct PartConversion {
	/* wanted; said by the policy */
	PartAction wanted; /* never PART_ACTION_REMOVE */
	PolicyConversion how;
	/* what came; all 0 until done */
	bool done;
	RenderStatus status;
	RenderFormat format;    /* of the original, by its first bytes; a claim */
	uint32_t pages_found;   /* a claim, and so are the rest but pages */
	bool more_pages;        /* and there may be more */
	uint32_t pages;         /* that were made */
	uint32_t pages_failed;  /* of them, those that cannot be shown, and say so */
	uint32_t pages_partial; /* of them, those that are drawn as far as the data goes */
	uint32_t lower_dpi;     /* of them, those drawn at a lower resolution */
	uint64_t hidden_chars;  /* text without ink, left out */
	uint64_t text_cut;      /* characters past the caps */
	uint32_t lost[RENDER_LOST_COUNT];
	uint32_t hidden[RENDER_HIDDEN_COUNT]; /* left out */
	uint32_t beside[RENDER_BESIDE_COUNT]; /* there; shown where `how` says so */
	uint32_t missing_glyphs;
	uint64_t pdf_bytes;     /* of the image PDF; 0 = none */
	uint32_t cpu_ms, wall_ms;
	bool text_inside;       /* said by the assembler: the text stands in the message's own */
};

/* A conversion of what the policy says; for a part whose action is to be wanted. */
PartConversion *conversion_new(PartAction wanted, const PolicyConversion *how);

/* What the policy wants, as the renderer has it. What else is in options (max_output, max_text, clean) stays as it was. */
void conversion_options(const PartConversion *conversion, RenderOptions *options);

/* Notes what came of the part's conversion. Where that is not what the policy takes (any status but complete; more pages than
 * allowed, or one that cannot be drawn, where these are to be removed; no text, where only that is wanted) the part's action becomes remove,
 * and its reason says why. Of both wanted an empty text is not worth its title: then the action becomes image-pdf. result: borrowed. True: the part is converted, and what was made is to be attached. */
bool conversion_take(MessagePart *part, const RenderResult *result);

/* There is no result: the deadline came before, say. status: not RENDER_STATUS_COMPLETE. */
void conversion_fail(MessagePart *part, RenderStatus status);

G_END_DECLS

#endif
