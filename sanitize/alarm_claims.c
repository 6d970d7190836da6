/* alarm_claims: the text of a bounce, as Postfix writes it (RFC 3464), to claims. Line by line, no MIME: the
 * report stands before the mail that it quotes, and the first of each field counts. See alarm_priv.h. */
#include "alarm_priv.h"

#include <string.h>

enum { ID_DIGITS = 32 };

typedef enum {
	SECTION_BEFORE = 0,
	SECTION_REPORT,
	SECTION_BETWEEN,
	SECTION_MAIL_TYPE,
	SECTION_MAIL,
	SECTION_DONE
} Section;

typedef struct {
	AlarmClaims *claims;
	Section section;
	AlarmRecipient *recipient; /* whose fields come; NULL: those of the whole mail */
	GString *field;            /* unfolded, the one that is not over yet */
} ClaimReader;

static void recipient_free(void *data)
{
	AlarmRecipient *recipient = data;
	g_free(recipient->recipient);
	g_free(recipient->original_recipient);
	g_free(recipient->action);
	g_free(recipient->status);
	g_free(recipient->diagnostic);
	g_free(recipient->remote);
	g_free(recipient);
}

void alarm_claims_free(AlarmClaims *claims)
{
	if (claims == NULL)
		return;
	g_free(claims->reporter);
	g_free(claims->queue_id);
	g_free(claims->sender);
	g_free(claims->arrival);
	g_free(claims->message_id);
	g_free(claims->mugai_id);
	g_ptr_array_unref(claims->recipients);
	g_free(claims);
}

/* ---- fields ---------------------------------------------------------------------------------------- */

/* What follows the name and its colon; NULL: it is another field. */
static const char *value_of(const char *field, const char *name)
{
	size_t length = strlen(name);
	if (g_ascii_strncasecmp(field, name, length) != 0 || field[length] != ':')
		return NULL;
	const char *value = field + length + 1;
	return value + strspn(value, " ");
}

static void take(char **place, const char *value)
{
	if (*place != NULL)
		return;
	*place = g_utf8_substring(value, 0, MIN(g_utf8_strlen(value, -1), ALARM_VALUE_MAX));
	g_strchomp(*place);
}

/* "rfc822; taro@lgwan.example": the type says nothing. */
static const char *without_type(const char *value)
{
	const char *end = strchr(value, ';');
	return end != NULL ? end + 1 + strspn(end + 1, " ") : value;
}

typedef struct {
	const char *name;
	size_t offset;
	bool typed;
} ClaimField;

#define OF_MAIL(member) offsetof(AlarmClaims, member)
#define OF_RECIPIENT(member) offsetof(AlarmRecipient, member)

static const ClaimField mail_fields[] = {
	{ "Reporting-MTA", OF_MAIL(reporter), true },
	{ "X-Postfix-Queue-ID", OF_MAIL(queue_id), false },
	{ "X-Postfix-Sender", OF_MAIL(sender), true },
	{ "Arrival-Date", OF_MAIL(arrival), false },
};

static const ClaimField recipient_fields[] = {
	{ "Final-Recipient", OF_RECIPIENT(recipient), true },
	{ "Original-Recipient", OF_RECIPIENT(original_recipient), true },
	{ "Action", OF_RECIPIENT(action), false },
	{ "Status", OF_RECIPIENT(status), false },
	{ "Diagnostic-Code", OF_RECIPIENT(diagnostic), true },
	{ "Remote-MTA", OF_RECIPIENT(remote), true },
};

static void take_fields(void *object, const ClaimField *fields, size_t n, const char *field)
{
	for (size_t i = 0; i < n; i++) {
		const char *value = value_of(field, fields[i].name);
		if (value != NULL)
			take((char **)(void *)((char *)object + fields[i].offset),
			     fields[i].typed ? without_type(value) : value);
	}
}

/* Fields of a recipient begin with this one. Past the cap they are counted, no more. */
static void begin_recipient(ClaimReader *reader)
{
	GPtrArray *recipients = reader->claims->recipients;
	reader->claims->n_recipients++;
	reader->recipient = g_new0(AlarmRecipient, 1);
	if (recipients->len < ALARM_RECIPIENTS_MAX)
		g_ptr_array_add(recipients, reader->recipient);
	else
		g_clear_pointer(&reader->recipient, recipient_free);
}

static void on_report_field(ClaimReader *reader, const char *field)
{
	if (value_of(field, "Final-Recipient") != NULL)
		begin_recipient(reader);
	if (reader->claims->n_recipients == 0)
		take_fields(reader->claims, mail_fields, G_N_ELEMENTS(mail_fields), field);
	else if (reader->recipient != NULL)
		take_fields(reader->recipient, recipient_fields, G_N_ELEMENTS(recipient_fields), field);
}

static bool is_id(const char *text)
{
	return strspn(text, "0123456789abcdef") == ID_DIGITS;
}

static void on_mail_field(AlarmClaims *claims, const char *field)
{
	const char *id = value_of(field, "Message-ID");
	const char *ours = value_of(field, "X-Mugai-Id");
	if (id != NULL)
		take(&claims->message_id, id);
	if (ours != NULL && is_id(ours) && claims->mugai_id == NULL)
		claims->mugai_id = g_strndup(ours, ID_DIGITS);
}

/* Mugai's answers end in "(ID)". Better than what stands in the mail: at edge that is the original, whose
 * field of this name is somebody else's. */
static void take_id_of_answer(AlarmClaims *claims)
{
	for (guint i = 0; i < claims->recipients->len; i++) {
		const AlarmRecipient *recipient = g_ptr_array_index(claims->recipients, i);
		const char *at = recipient->diagnostic != NULL ? strrchr(recipient->diagnostic, '(') : NULL;
		if (at == NULL || !is_id(at + 1))
			continue;
		g_free(claims->mugai_id);
		claims->mugai_id = g_strndup(at + 1, ID_DIGITS);
		return;
	}
}

/* ---- lines ----------------------------------------------------------------------------------------- */

static void end_field(ClaimReader *reader)
{
	if (reader->section == SECTION_REPORT)
		on_report_field(reader, reader->field->str);
	else if (reader->section == SECTION_MAIL)
		on_mail_field(reader->claims, reader->field->str);
	g_string_truncate(reader->field, 0);
}

static bool begins_report(const char *line)
{
	const char *type = value_of(line, "Content-Type");
	return type != NULL && (g_str_has_prefix(type, "message/delivery-status") ||
	                        g_str_has_prefix(type, "message/global-delivery-status"));
}

static bool begins_mail(const char *line)
{
	const char *type = value_of(line, "Content-Type");
	return type != NULL &&
	       (g_str_has_prefix(type, "message/rfc822") || g_str_has_prefix(type, "text/rfc822-headers") ||
	        g_str_has_prefix(type, "message/global"));
}

/* Where the line stands between the fields; true: it is none. */
static bool is_border(ClaimReader *reader, const char *line)
{
	switch (reader->section) {
	case SECTION_BEFORE:
		reader->section = begins_report(line) ? SECTION_REPORT : SECTION_BEFORE;
		return true;
	case SECTION_BETWEEN:
		reader->section = begins_mail(line) ? SECTION_MAIL_TYPE : SECTION_BETWEEN;
		return true;
	case SECTION_MAIL_TYPE: /* the other fields of that part, up to the empty line */
		reader->section = *line == '\0' ? SECTION_MAIL : SECTION_MAIL_TYPE;
		return true;
	case SECTION_REPORT:
		if (!g_str_has_prefix(line, "--"))
			return *line == '\0';
		reader->section = SECTION_BETWEEN;
		return true;
	case SECTION_MAIL:
		if (*line != '\0')
			return false;
		reader->section = SECTION_DONE;
		return true;
	default:
		return true;
	}
}

static void on_line(ClaimReader *reader, const char *line)
{
	bool folded = *line == ' ' && reader->field->len > 0;
	if (!folded)
		end_field(reader);
	if (is_border(reader, line))
		return;
	if (folded)
		g_string_append_c(reader->field, ' ');
	g_string_append(reader->field, line + strspn(line, " "));
}

AlarmClaims *alarm_claims_read(const char *text)
{
	AlarmClaims *claims = g_new0(AlarmClaims, 1);
	claims->recipients = g_ptr_array_new_with_free_func(recipient_free);
	g_autoptr(GString) field = g_string_new(NULL);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	ClaimReader reader = { .claims = claims, .field = field };
	for (char **line = lines; *line != NULL && reader.section != SECTION_DONE; line++)
		on_line(&reader, *line);
	end_field(&reader);
	take_id_of_answer(claims);
	return claims;
}
