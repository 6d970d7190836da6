/* notices: every sentence and word that the gateway says to a reader, by name. Trusted; knows nothing of
 * mail.
 *
 * The sentences stand in YAML files, one key each (notices/ja.yaml and en.yaml are shipped, and built in byte
 * for byte). A file of an administrator is taken whole or not at all: doc/output-grammar.md 5.5 and 5.6 must
 * hold for every line that is made of it, whatever a mail puts into the placeholders. A second public header
 * of conf/: the list is long, and whoever needs settings alone need not see it.
 */
#ifndef MUGAI_CONF_NOTICES_H
#define MUGAI_CONF_NOTICES_H

#include "conf.h"

G_BEGIN_DECLS

/* X(NAME, key, placeholders, kind).
 *
 * placeholders: each stands exactly once in the sentence. {n} {m}: numbers; {o}: a string of the mail, which
 * comes in 「」; {t}: a WORD of this list, or a time; {s} {k} {d}: those for the results of SPF, DKIM and DMARC.
 *
 * kind: SENTENCE = a line of the notice, or a piece of one; WORD = a short piece, which other words may
 * touch; BODY = stands in the text of the mail, so that it needs round brackets at both ends; PHRASE = the
 * name before the gateway's own address. */
#define NOTICES_SAYINGS(X)                                                                                   \
	/* head: 0 to 3 lines above the text */                                                              \
	X(HEAD_WARNING, head_warning, "", SENTENCE)                                                          \
	X(HEAD_REMOVED, head_removed, "n", SENTENCE)                                                         \
	X(HEAD_PICTURES, head_pictures, "m", SENTENCE)                                                       \
	X(HEAD_REMOVED_PICTURES, head_removed_pictures, "nm", SENTENCE)                                      \
	X(HEAD_MISSING, head_missing, "", SENTENCE)                                                          \
	X(HEAD_CONVERTED, head_converted, "n", SENTENCE)                                                     \
	X(HEAD_NOTICE_ONLY, head_notice_only, "", SENTENCE)                                                  \
	X(HEAD_ORIGINAL, head_original, "", SENTENCE)                                                        \
	/* who sent it: the first line of the foot */                                                        \
	X(AUTH, auth, "skd", SENTENCE)                                                                       \
	X(AUTH_BOUNCE, auth_bounce, "kd", SENTENCE)                                                          \
	X(AUTH_UNKNOWN, auth_unknown, "", SENTENCE)                                                          \
	/* warnings: next in the foot */                                                                     \
	X(WARN_DMARC, warn_dmarc, "", SENTENCE)                                                              \
	X(WARN_SPF, warn_spf, "", SENTENCE)                                                                  \
	X(WARN_SHOWN_ADDRESS, warn_shown_address, "o", SENTENCE)                                             \
	X(WARN_LOOK_ALIKE, warn_look_alike, "o", SENTENCE)                                                   \
	X(WARN_AS_GATEWAY, warn_as_gateway, "", SENTENCE)                                                    \
	X(WARN_SEVERAL_FROM, warn_several_from, "n", SENTENCE)                                               \
	X(WARN_REPLY_ELSEWHERE, warn_reply_elsewhere, "o", SENTENCE)                                         \
	X(WARN_LINKS, warn_links, "n", SENTENCE)                                                             \
	X(WARN_FLAGGED, warn_flagged, "n", SENTENCE)                                                         \
	X(DEFANGED, defanged, "", SENTENCE)                                                                  \
	X(WARN_PASSWORD, warn_password, "n", SENTENCE)                                                       \
	X(WARN_DISGUISED_NAME, warn_disguised_name, "n", SENTENCE)                                           \
	X(WARN_UNREADABLE, warn_unreadable, "no", SENTENCE)                                                  \
	X(WARN_UNREADABLE_UNKNOWN, warn_unreadable_unknown, "n", SENTENCE)                                   \
	/* what became of the text */                                                                        \
	X(REWRITTEN_PLAIN, rewritten_plain, "", SENTENCE)                                                    \
	X(REWRITTEN_HTML, rewritten_html, "", SENTENCE)                                                      \
	X(NO_BODY, no_body, "", SENTENCE)                                                                    \
	X(PICTURES_ONLY, pictures_only, "n", SENTENCE)                                                       \
	X(CAUSE_POLICY, cause_policy, "", SENTENCE)                                                          \
	X(CAUSE_UNREADABLE, cause_unreadable, "", SENTENCE)                                                  \
	X(CAUSE_SIZE, cause_size, "", SENTENCE)                                                              \
	X(CAUSE_NO_MAIL, cause_no_mail, "", SENTENCE)                                                        \
	X(CAUSE_LOOP, cause_loop, "o", SENTENCE)                                                             \
	X(NOTICE_ONLY, notice_only, "", SENTENCE)                                                            \
	X(HOLD, hold, "", SENTENCE)                                                                          \
	X(ALTERNATIVES, alternatives, "n", SENTENCE)                                                         \
	X(DIFFERS, differs, "t", SENTENCE)                                                                   \
	X(NESTED, nested, "n", SENTENCE)                                                                     \
	X(HIDDEN, hidden, "n", SENTENCE)                                                                     \
	X(PICTURES, pictures, "n", SENTENCE)                                                                 \
	X(OBJECTS, objects, "n", SENTENCE)                                                                   \
	X(LINKS_REMOVED, links_removed, "n", SENTENCE)                                                       \
	X(OUTSIDE, outside, "n", SENTENCE)                                                                   \
	X(BLOCKS, blocks, "nm", SENTENCE)                                                                    \
	X(TEXT_BLOCKS, text_blocks, "nm", SENTENCE)                                                          \
	X(ESCAPED, escaped, "n", SENTENCE)                                                                   \
	X(CHARSET_REPAIRED, charset_repaired, "o", SENTENCE)                                                 \
	X(CHARSET_GUESSED, charset_guessed, "", SENTENCE)                                                    \
	X(REPLACED, replaced, "no", SENTENCE)                                                                \
	X(REPLACED_UNKNOWN, replaced_unknown, "n", SENTENCE)                                                 \
	X(PRIVATE_USE, private_use, "n", SENTENCE)                                                           \
	X(INVISIBLE, invisible, "n", SENTENCE)                                                               \
	/* parts */                                                                                          \
	X(BRIEF, brief, "n", SENTENCE)                                                                       \
	X(MORE_PARTS, more_parts, "n", SENTENCE)                                                             \
	X(KEPT_TEXT, kept_text, "", SENTENCE)                                                                \
	X(KEPT_TEXT_INSIDE, kept_text_inside, "", SENTENCE)                                                  \
	X(KEPT_IMAGE_PDF, kept_image_pdf, "nm", SENTENCE)                                                    \
	X(KEPT_IMAGE_PDF_MORE, kept_image_pdf_more, "n", SENTENCE)                                           \
	X(PAGES_CUT, pages_cut, "n", SENTENCE)                                                               \
	X(PAGES_FAILED, pages_failed, "n", SENTENCE)                                                         \
	X(PAGES_PARTIAL, pages_partial, "n", SENTENCE)                                                       \
	X(PAGES_COARSE, pages_coarse, "n", SENTENCE)                                                         \
	X(HIDDEN_LEFT_OUT, hidden_left_out, "n", SENTENCE)                                                   \
	X(CONVERSION_CUT, conversion_cut, "n", SENTENCE)                                                     \
	X(MISSING_GLYPHS, missing_glyphs, "n", SENTENCE)                                                     \
	X(CHANGES_SHOWN, changes_shown, "n", SENTENCE)                                                       \
	X(CHANGES_LEFT_OUT, changes_left_out, "n", SENTENCE)                                                 \
	X(COMMENTS_SHOWN, comments_shown, "n", SENTENCE)                                                     \
	X(COMMENTS_LEFT_OUT, comments_left_out, "n", SENTENCE)                                               \
	X(NOTES_SHOWN, notes_shown, "n", SENTENCE)                                                           \
	X(NOTES_LEFT_OUT, notes_left_out, "n", SENTENCE)                                                     \
	X(MACROS_REMOVED, macros_removed, "", SENTENCE)                                                      \
	X(REASON_NONE, reason_none, "", SENTENCE)                                                            \
	X(REASON_POLICY, reason_policy, "", SENTENCE)                                                        \
	X(REASON_DEPTH, reason_depth, "", SENTENCE)                                                          \
	X(REASON_DAMAGED, reason_damaged, "", SENTENCE)                                                      \
	X(REASON_CHARSET, reason_charset, "", SENTENCE)                                                      \
	X(REASON_BINARY_TEXT, reason_binary_text, "", SENTENCE)                                              \
	X(REASON_ENCODED_IN_TEXT, reason_encoded_in_text, "", SENTENCE)                                      \
	X(REASON_CONVERSION, reason_conversion, "", SENTENCE)                                                \
	X(REASON_UNSUPPORTED, reason_unsupported, "", SENTENCE)                                              \
	X(REASON_ENCRYPTED, reason_encrypted, "", SENTENCE)                                                  \
	X(REASON_BROKEN, reason_broken, "", SENTENCE)                                                        \
	X(REASON_TOO_LARGE, reason_too_large, "", SENTENCE)                                                  \
	X(REASON_NO_PAGES, reason_no_pages, "", SENTENCE)                                                    \
	X(REASON_LIMIT, reason_limit, "", SENTENCE)                                                          \
	X(REASON_TIME, reason_time, "", SENTENCE)                                                            \
	X(REASON_MEMORY, reason_memory, "", SENTENCE)                                                        \
	X(REASON_CRASH, reason_crash, "", SENTENCE)                                                          \
	X(REASON_OUTPUT, reason_output, "", SENTENCE)                                                        \
	X(REASON_DEADLINE, reason_deadline, "", SENTENCE)                                                    \
	X(REASON_UNAVAILABLE, reason_unavailable, "", SENTENCE)                                              \
	X(REASON_NOT_SCANNED, reason_not_scanned, "", SENTENCE)                                              \
	X(REASON_PAGES, reason_pages, "", SENTENCE)                                                          \
	X(REASON_FAILED_PAGE, reason_failed_page, "", SENTENCE)                                              \
	X(REASON_NO_TEXT, reason_no_text, "", SENTENCE)                                                      \
	X(REASON_SIZE, reason_size, "", SENTENCE)                                                            \
	X(REASON_SCAN, reason_scan, "", SENTENCE)                                                            \
	X(REASON_AMBIGUOUS, reason_ambiguous, "", SENTENCE)                                                  \
	X(REASON_EMPTY_CONTAINER, reason_empty_container, "", SENTENCE)                                      \
	X(REASON_WHOLE_MESSAGE, reason_whole_message, "", SENTENCE)                                          \
	/* header fields */                                                                                  \
	X(HEADER_UNREAD, header_unread, "", SENTENCE)                                                        \
	X(FROM_REPLACED, from_replaced, "", SENTENCE)                                                        \
	X(FROM_CLAIMED, from_claimed, "o", SENTENCE)                                                         \
	X(REPLY_TO_LIST, reply_to_list, "o", SENTENCE)                                                       \
	X(SENDER_ELSEWHERE, sender_elsewhere, "o", SENTENCE)                                                 \
	X(ENVELOPE_SENDER, envelope_sender, "o", SENTENCE)                                                   \
	X(DATE_REPLACED, date_replaced, "", SENTENCE)                                                        \
	X(DATE_JAPAN, date_japan, "t", SENTENCE)                                                             \
	X(DATE_ZONELESS, date_zoneless, "", SENTENCE)                                                        \
	X(DATE_FUTURE, date_future, "", SENTENCE)                                                            \
	X(ADDRESS_LOST, address_lost, "to", SENTENCE)                                                        \
	X(MORE_ADDRESSES, more_addresses, "n", SENTENCE)                                                     \
	X(LIST_CUT, list_cut, "tn", SENTENCE)                                                                \
	X(IDS_LOST, ids_lost, "n", SENTENCE)                                                                 \
	X(SUBJECT_CUT, subject_cut, "", SENTENCE)                                                            \
	X(HEADER_REPLACED, header_replaced, "n", SENTENCE)                                                   \
	X(HEADER_INVISIBLE, header_invisible, "n", SENTENCE)                                                 \
	/* caps that were hit */                                                                             \
	X(LIMIT_FIELDS, limit_fields, "", SENTENCE)                                                          \
	X(LIMIT_HEADER_BLOCK, limit_header_block, "", SENTENCE)                                              \
	X(LIMIT_FIELD, limit_field, "", SENTENCE)                                                            \
	X(LIMIT_ADDRESSES, limit_addresses, "", SENTENCE)                                                    \
	X(LIMIT_DEPTH, limit_depth, "", SENTENCE)                                                            \
	X(LIMIT_PARTS, limit_parts, "", SENTENCE)                                                            \
	X(LIMIT_STRUCTURE, limit_structure, "", SENTENCE)                                                    \
	X(LIMIT_TEXT, limit_text, "", SENTENCE)                                                              \
	X(LIMIT_HTML, limit_html, "", SENTENCE)                                                              \
	X(LIMIT_NESTED, limit_nested, "", SENTENCE)                                                          \
	X(LIMIT_BLOCKS, limit_blocks, "", SENTENCE)                                                          \
	X(LIMIT_REFERENCES, limit_references, "", SENTENCE)                                                  \
	/* last line */                                                                                      \
	X(ORIGINAL, original, "", SENTENCE)                                                                  \
	X(NO_ORIGINAL, no_original, "", SENTENCE)                                                            \
	/* in the text, in place of what is not there */                                                     \
	X(EMPTY_BODY, empty_body, "", BODY)                                                                  \
	X(HIDDEN_BODY, hidden_body, "", BODY)                                                                \
	X(EMPTY_TEXT, empty_text, "", BODY)                                                                  \
	X(BLOCK_LINE, block_line, "n", BODY)                                                                 \
	X(TEXT_TITLE, text_title, "o", SENTENCE)                                                             \
	X(GATEWAY, gateway, "", PHRASE)                                                                      \
	/* pieces of a part's line */                                                                        \
	X(WORD_NUMBER, word_number, "", WORD)                                                                \
	X(WORD_NO_NAME, word_no_name, "", WORD)                                                              \
	X(WORD_DISGUISED, word_disguised, "", WORD)                                                          \
	X(WORD_TYPE, word_type, "", WORD)                                                                    \
	X(WORD_REALLY, word_really, "o", WORD)                                                               \
	X(WORD_NEXT, word_next, "", WORD)                                                                    \
	X(WORD_BYTES, word_bytes, "", WORD)                                                                  \
	X(WORD_REASON, word_reason, "", WORD)                                                                \
	X(WORD_TEXT, word_text, "", WORD)                                                                    \
	X(WORD_LOST, word_lost, "", WORD)                                                                    \
	X(LOST_LINKS, lost_links, "n", WORD)                                                                 \
	X(LOST_SCRIPTS, lost_scripts, "n", WORD)                                                             \
	X(LOST_FORMS, lost_forms, "n", WORD)                                                                 \
	X(LOST_FILES, lost_files, "n", WORD)                                                                 \
	X(LOST_SIGNATURES, lost_signatures, "n", WORD)                                                       \
	X(LOST_COMMENTS, lost_comments, "n", WORD)                                                           \
	X(LOST_MEDIA, lost_media, "n", WORD)                                                                 \
	X(LOST_FRAMES, lost_frames, "n", WORD)                                                               \
	X(LOST_REFERENCES, lost_references, "n", WORD)                                                       \
	X(WORD_HIDDEN, word_hidden, "", WORD)                                                                \
	X(HIDDEN_SHEETS, hidden_sheets, "n", WORD)                                                           \
	X(HIDDEN_ROWS, hidden_rows, "n", WORD)                                                               \
	X(HIDDEN_COLUMNS, hidden_columns, "n", WORD)                                                         \
	X(HIDDEN_SLIDES, hidden_slides, "n", WORD)                                                           \
	X(HIDDEN_TEXTS, hidden_texts, "n", WORD)                                                             \
	X(WORD_PLAIN, word_plain, "", WORD)                                                                  \
	X(WORD_HTML, word_html, "", WORD)                                                                    \
	X(WORD_AUTH_UNKNOWN, word_auth_unknown, "", WORD)                                                    \
	X(WORD_AUTH_NONE, word_auth_none, "", WORD)                                                          \
	X(WORD_AUTH_PASS, word_auth_pass, "", WORD)                                                          \
	X(WORD_AUTH_FAIL, word_auth_fail, "", WORD)                                                          \
	X(WORD_AUTH_SOFTFAIL, word_auth_softfail, "", WORD)                                                  \
	X(WORD_AUTH_NEUTRAL, word_auth_neutral, "", WORD)                                                    \
	X(WORD_AUTH_POLICY, word_auth_policy, "", WORD)                                                      \
	X(WORD_AUTH_ERROR, word_auth_error, "", WORD)                                                        \
	X(FIELD_FROM, field_from, "", WORD)                                                                  \
	X(FIELD_SENDER, field_sender, "", WORD)                                                              \
	X(FIELD_REPLY_TO, field_reply_to, "", WORD)                                                          \
	X(FIELD_TO, field_to, "", WORD)                                                                      \
	X(FIELD_CC, field_cc, "", WORD)

#define NOTICES_ENUM(NAME, key, placeholders, kind) SAY_##NAME,
typedef enum { NOTICES_SAYINGS(NOTICES_ENUM) SAY_COUNT } Saying;
#undef NOTICES_ENUM

/* The sentence with its placeholders, as the file has it; lives as long as notices. Any thread. */
const char *notices_text(const Notices *notices, Saying saying);

/* Reads one file's bytes; name is used in messages, text is borrowed. Errors as for notices_load. Any thread.
 */
Notices *notices_parse(const char *name, const char *text, size_t bytes, GPtrArray *errors);

G_END_DECLS

#endif
