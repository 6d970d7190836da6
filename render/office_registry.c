/* The lock. Each name was looked up in the schema of LibreOffice 7.4: a name that does not exist is ignored without a word, so
 * a test compares all of them with the schema that is installed. */
#include "office_registry_priv.h"

#include <string.h>

typedef struct {
	const char *component; /* "org.openoffice." stands before it */
	const char *path;      /* of the node that holds it */
	const char *name;
	const char *value;     /* NULL: the member `name` of the set at `path` is removed */
	const char *why;
} Entry;

static const Entry entries[] = {
	/* Macros, scripts, what starts by itself. */
	{ "Office.Common", "Security/Scripting", "MacroSecurityLevel", "3", "signed macros of trusted authors only ..." },
	{ "Office.Common", "Security/Scripting", "SecureURL", "", "... and no place whose macros are trusted" },
	{ "Office.Common", "Security/Scripting", "DisableMacrosExecution", "true", "above all of it: none" },
	{ "Office.Common", "Security/Scripting", "OfficeBasic", "0", "never" },
	{ "Office.Common", "Security/Scripting", "CheckDocumentEvents", "true",
	  "a document's events run what is on this list ..." },
	{ "Office.Common", "Security/Scripting", "AllowedDocumentEventURLs", "", "... which is empty" },
	{ "Office.Common", "Security/Scripting", "ExecutePlugins", "false", "no objects of other programs" },
	{ "Office.Common", "Misc", "PluginsEnabled", "false", "likewise" },
	{ "Office.Common", "Misc", "PreloadJVM", "false", "Java takes threads, memory, and runs code" },
	{ "Office.Java", "VirtualMachine", "Enable", "false", "likewise" },
	{ "Office.Java", "VirtualMachine", "NetAccess", "2", "none, where it should run after all" },
	{ "Office.ProtocolHandler", "HandlerSet", "com.sun.star.comp.sfx2.SfxMacroLoader", NULL, "macro: links" },
	{ "Office.ProtocolHandler", "HandlerSet", "com.sun.star.comp.ScriptProtocolHandler", NULL,
	  "vnd.sun.star.script: links" },
	{ "Office.ProtocolHandler", "HandlerSet", "com.sun.star.comp.framework.ServiceHandler", NULL,
	  "service: links start any component" },
	{ "Office.ProtocolHandler", "HandlerSet", "com.sun.star.comp.framework.jobs.JobDispatch", NULL,
	  "vnd.sun.star.job: links" },
	{ "Office.ProtocolHandler", "HandlerSet", "com.sun.star.comp.framework.MailToDispatcher", NULL,
	  "mailto: links" },
	{ "Office.Jobs", "Jobs", "org.libreoffice.PresenterScreen", NULL, "a job that runs when slides are opened" },
	{ "Office.Calc", "Filter/Import/VBA", "Load", "false", "macros are not even read" },
	{ "Office.Calc", "Filter/Import/VBA", "Executable", "false", "likewise" },
	{ "Office.Calc", "Filter/Import/VBA", "Save", "false", "likewise" },
	{ "Office.Writer", "Filter/Import/VBA", "Load", "false", "likewise" },
	{ "Office.Writer", "Filter/Import/VBA", "Executable", "false", "likewise" },
	{ "Office.Writer", "Filter/Import/VBA", "Save", "false", "likewise" },
	{ "Office.Impress", "Filter/Import/VBA", "Load", "false", "likewise" },
	{ "Office.Impress", "Filter/Import/VBA", "Save", "false", "likewise" },

	/* Links, remote content. */
	{ "Office.Common", "Security/Scripting", "BlockUntrustedRefererLinks", "true",
	  "linked pictures, sections, media: only of trusted places" },
	{ "Office.Writer", "Content/Update", "Link", "0", "never" },
	{ "Office.Calc", "Content/Update", "Link", "1", "never; DDE too" },
	{ "Office.Writer", "Content/Update", "Field", "false", "fields show what their sender saw" },
	{ "Office.Writer", "Content/Update", "Chart", "false", "likewise" },
	{ "Office.Calc", "Formula/Load", "OOXMLRecalcMode", "1", "never: cells show what their sender saw" },
	{ "Office.Calc", "Formula/Load", "ODFRecalcMode", "1", "likewise" },
	{ "Office.Security", "Hyperlinks", "Open", "0", "never" },
	{ "Office.Common", "Load", "DetectWebDAVRedirection", "false", "asks the network" },
	{ "Inet", "Settings", "ooInetProxyType", "1", "what should find a way out after all: to a proxy that is not there" },
	{ "Inet", "Settings", "ooInetNoProxy", "", "likewise" },
	{ "Inet", "Settings", "ooInetHTTPProxyName", "127.0.0.1", "likewise" },
	{ "Inet", "Settings", "ooInetHTTPProxyPort", "9", "likewise" },
	{ "Inet", "Settings", "ooInetHTTPSProxyName", "127.0.0.1", "likewise" },
	{ "Inet", "Settings", "ooInetHTTPSProxyPort", "9", "likewise" },
	{ "Inet", "Settings", "ooInetFTPProxyName", "127.0.0.1", "likewise" },
	{ "Inet", "Settings", "ooInetFTPProxyPort", "9", "likewise" },
	{ "Inet", "Settings", "ConnectTimeout", "1", "seconds" },
	{ "Inet", "Settings", "ReadTimeout", "1", "seconds" },

	/* Databases. */
	{ "Office.DataAccess", "Policies/Features/Writer", "DatabaseFields", "false", "no data of a database in a text" },
	{ "Office.DataAccess", "Policies/Features/Base", "CreateLocalDatabase", "false", "no database engine" },

	/* Objects of other programs are shown by the picture that they bring; they are not opened and drawn anew. */
	{ "Office.Common", "Filter/Microsoft/Import", "MathTypeToMath", "false", "less to attack" },
	{ "Office.Common", "Filter/Microsoft/Import", "WinWordToWriter", "false", "likewise" },
	{ "Office.Common", "Filter/Microsoft/Import", "ExcelToCalc", "false", "likewise" },
	{ "Office.Common", "Filter/Microsoft/Import", "PowerPointToImpress", "false", "likewise" },
	{ "Office.Common", "Filter/Microsoft/Import", "VisioToDraw", "false", "likewise" },
	{ "Office.Common", "Filter/Microsoft/Import", "SmartArtToShapes", "false", "likewise" },
	{ "Office.Common", "Filter/Microsoft/Import", "CreateMSOLockFiles", "false", "files that nobody needs" },
	{ "Office.Common", "Security", "LoadExoticFileFormats", "0", "never" },

	/* Nobody sits here. */
	{ "Setup", "Office", "ooSetupInstCompleted", "true", "no first start" },
	{ "Setup", "Office", "MigrationCompleted", "true", "of an older version's settings" },
	{ "Office.Common", "Misc", "FirstRun", "false", "likewise" },
	{ "Office.Common", "Misc", "ShowTipOfTheDay", "false", "likewise" },
	{ "Office.Common", "Misc", "CrashReport", "false", "it would write, and send" },
	{ "Office.Common", "Misc", "UseLocking", "false", "lock files beside the document" },
	{ "Office.Common", "Misc", "UseDocumentSystemFileLocking", "false", "likewise" },
	{ "Office.Common", "Misc", "UseDocumentOOoLockFile", "false", "likewise" },
	{ "Office.Common", "Misc", "UseWebDAVFileLocking", "false", "likewise" },
	{ "Office.Common", "Misc", "ShowLinkWarningDialog", "false", "a question" },
	{ "Office.Common", "Misc", "UseOpenCL", "false", "it would look for devices" },
	{ "Office.Common", "VCL", "UseSkia", "false", "likewise" },
	{ "Office.Common", "Load", "UserDefinedSettings", "false", "printer and view of whoever wrote the document" },
	{ "Office.Common", "Load", "ShowOfficeUpdateDialog", "false", "a question" },
	{ "Office.Common", "Save/Document", "AutoSave", "false", "work that nobody needs" },
	{ "Office.Common", "Save/Document", "CreateBackup", "false", "likewise" },
	{ "Office.Common", "Save/Document", "GenerateThumbnail", "false", "likewise" },
	{ "Office.Common", "Save/Document", "WarnAlienFormat", "false", "a question" },
	{ "Office.Common", "Save/Document", "LoadPrinter", "false", "the document's printer" },
	{ "Office.Common", "History", "Size", "0", "files that were opened" },
	{ "Office.Common", "History", "PickListSize", "0", "likewise" },
	{ "Office.Common", "History", "RecentDocsThumbnail", "false", "likewise" },
	{ "Office.Common", "Passwords", "UseStorage", "false", "no passwords are kept" },
	{ "Office.Common", "Passwords", "TrySystemCredentialsFirst", "false", "or sent" },
	{ "Office.Recovery", "RecoveryInfo", "Enabled", "false", "of documents after a crash" },
	{ "Office.Recovery", "AutoSave", "Enabled", "false", "likewise" },
	{ "Office.Update", "Update", "Enabled", "false", "of LibreOffice by itself" },
	{ "Office.ExtensionManager", "ExtensionSecurity", "DisableExtensionInstallation", "true", "no code from elsewhere" },
	{ "Office.Linguistic", "SpellChecking", "IsSpellAuto", "false", "work that nobody sees" },
	{ "Office.Linguistic", "GrammarChecking", "IsAutoCheck", "false", "likewise" },
	{ "Office.Linguistic", "GrammarChecking/LanguageTool", "IsEnabled", "false", "it would send the text" },
	{ "Office.Common", "Undo", "Steps", "0", "likewise" },
	{ "Office.Calc", "Calculate/Other", "FindLabel", "false", "work that nobody needs" },

	/* A Japanese office. */
	{ "Setup", "L10N", "ooSetupSystemLocale", "ja-JP", "dates, money and paper where a document leaves them open" },
	{ "Office.Linguistic", "General", "DefaultLocale_CJK", "ja-JP", "Japanese shapes of characters" },
};

/* Providers of content that reach out of the host, or into more than files. Their names in the registry say nothing. */
#define PROVIDERS "ContentProviders/Local/SecondaryKeys/Office/ProviderData"
static const char *const providers[] = {
	"Provider3",   /* http */
	"Provider4",   /* vnd.sun.star.webdav */
	"Provider4a",  /* webdav */
	"Provider5",   /* vnd.sun.star.help */
	"Provider6",   /* ftp */
	"Provider12",  /* https */
	"Provider12a", /* vnd.sun.star.webdavs */
	"Provider12b", /* webdavs */
	"Provider14",  /* vnd.sun.star.extension */
	"Provider43",  /* vnd.libreoffice.cmis */
};

/* What LibreOffice 7.4 reads, beside what we ask it for. It detects a file's type by itself, and that of what is embedded in it; a
 * document must not choose that it is read as another program's of 1990. */
static const char *const filters[] = {
	"ADO Rowset XML", "AbiWord", "Apple Keynote", "Apple Numbers", "Apple Pages", "BMP - MS Windows",
	"BroadBand eBook", "CGM - Computer Graphics Metafile", "ClarisWorks", "ClarisWorks_Calc",
	"ClarisWorks_Draw", "ClarisWorks_Impress", "Claris_Resolve_Calc", "Corel Draw Document",
	"Corel Presentation Exchange", "DIF", "DXF - AutoCAD Interchange", "DocBook File", "DosWord",
	"EMF - MS Windows Metafile", "EPS - Encapsulated PostScript", "FictionBook 2", "Freehand Document",
	"GIF - Graphics Interchange", "Gnumeric Spreadsheet", "HTML", "HTML (StarCalc)",
	"HTML (StarWriter)", "JPG - JPEG", "Lotus", "LotusWordPro", "MET - OS/2 Metafile", "MOV - MOV",
	"MS Excel 2003 XML Orcus", "MS WinWord 5", "MS Word 2003 XML", "MS_Works", "MS_Works_Calc",
	"MS_Write", "MWAW_Bitmap", "MWAW_Database", "MWAW_Drawing", "MWAW_Presentation",
	"MWAW_Spreadsheet", "MWAW_Text_Document", "MacWrite", "Mac_Word", "Mac_Works", "Mac_Works_Calc",
	"Mariner_Write", "Microsoft Multiplan", "PBM - Portable Bitmap", "PCT - Mac Pict",
	"PCX - Zsoft Paintbrush", "PGM - Portable Graymap", "PNG - Portable Network Graphic",
	"PPM - Portable Pixelmap", "PSD - Adobe Photoshop", "PageMaker Document", "PalmDoc",
	"Palm_Text_Document", "Plucker eBook", "PocketWord File", "PowerPoint 3", "Publisher Document",
	"QXP Document", "Quattro Pro 6.0", "RAS - Sun Rasterfile", "Rich Text Format (StarCalc)",
	"SVG - Scalable Vector Graphics", "SVG - Scalable Vector Graphics Draw", "SVM - StarView Metafile",
	"SYLK", "StarOffice XML (Calc)", "StarOffice XML (Chart)", "StarOffice XML (Draw)",
	"StarOffice XML (Impress)", "StarOffice XML (Writer)", "StarOffice_Drawing",
	"StarOffice_Presentation", "StarOffice_Spreadsheet", "StarOffice_Writer", "T602Document",
	"TGA - Truevision TARGA", "TIF - Tag Image File", "Text", "Text (StarWriter/Web)",
	"Text (encoded)", "Text (encoded) (StarWriter/GlobalDocument)", "Text (encoded) (StarWriter/Web)",
	"Text - txt - csv (StarCalc)", "UOF presentation", "UOF spreadsheet", "UOF text", "Visio Document",
	"WEBP - WebP", "WMF - MS Windows Metafile", "WPS_Lotus_Calc", "WPS_QPro_Calc", "WordPerfect",
	"WordPerfect Graphics", "WriteNow", "XBM - X-Consortium", "XPM", "ZMF Document",
	"calc_HTML_WebQuery", "calc_StarOffice_XML_Calc_Template", "calc_pdf_addstream_import", "dBase",
	"draw_PCD_Photo_CD_Base", "draw_PCD_Photo_CD_Base16", "draw_PCD_Photo_CD_Base4",
	"draw_StarOffice_XML_Draw_Template", "draw_pdf_addstream_import", "draw_pdf_import",
	"impress_StarOffice_XML_Draw", "impress_StarOffice_XML_Impress_Template",
	"impress_pdf_addstream_import", "impress_pdf_import", "writer_MIZI_Hwp_97",
	"writer_StarOffice_XML_Writer_Template",
	"writer_globaldocument_StarOffice_XML_Writer_GlobalDocument", "writer_pdf_addstream_import",
	"writer_pdf_import", "writer_web_HTML_help", "writer_web_StarOffice_XML_Writer_Web_Template",
	"writerglobal8", "writerglobal8_template", "writerweb8_writer_template",
};

/* "org.openoffice.Office.Common" has the package "org.openoffice.Office" and the name "Common". */
static void append_entry(GString *xml, const Entry *entry)
{
	g_autofree char *whole = g_strconcat("org.openoffice.", entry->component, NULL);
	g_auto(GStrv) nodes = g_strsplit(entry->path, "/", -1);
	char *name = strrchr(whole, '.');
	*name++ = '\0';
	g_string_append_printf(xml, "<oor:component-data oor:package=\"%s\" oor:name=\"%s\">", whole, name);
	for (char **node = nodes; *node != NULL; node++)
		g_string_append_printf(xml, "<node oor:name=\"%s\">", *node);
	if (entry->value == NULL)
		g_string_append_printf(xml, "<node oor:name=\"%s\" oor:op=\"remove\"/>", entry->name);
	else
		g_string_append_printf(xml, "<prop oor:name=\"%s\" oor:finalized=\"true\"><value>%s</value></prop>",
		                       entry->name, entry->value);
	for (char **node = nodes; *node != NULL; node++)
		g_string_append(xml, "</node>");
	g_string_append(xml, "</oor:component-data>\n");
}

static void append_removed(GString *xml, const char *component, const char *path, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		append_entry(xml, &(const Entry) { component, path, names[i], NULL, NULL });
}

/* LibreOfficeKit saves a drawing as flat ODF by this filter, and 7.4 has it under another name only. For saving alone. */
static const char flat_drawing[] =
	"<oor:component-data oor:package=\"org.openoffice.TypeDetection\" oor:name=\"Filter\"><node oor:name=\"Filters\">"
	"<node oor:name=\"draw_ODG_FlatXML\" oor:op=\"replace\">"
	"<prop oor:name=\"FileFormatVersion\"><value>0</value></prop>"
	"<prop oor:name=\"Type\"><value>draw_ODG_FlatXML</value></prop>"
	"<prop oor:name=\"DocumentService\"><value>com.sun.star.drawing.DrawingDocument</value></prop>"
	"<prop oor:name=\"UserData\"><value oor:separator=\",\">com.sun.star.comp.filter.OdfFlatXml,,"
	"com.sun.star.comp.Draw.XMLOasisImporter,com.sun.star.comp.Draw.XMLOasisExporter,,,true</value></prop>"
	"<prop oor:name=\"FilterService\"><value>com.sun.star.comp.Writer.XmlFilterAdaptor</value></prop>"
	"<prop oor:name=\"UIName\"><value xml:lang=\"en-US\">Flat XML ODF Drawing</value></prop>"
	"<prop oor:name=\"Flags\"><value>EXPORT OWN 3RDPARTYFILTER</value></prop>"
	"</node></node></oor:component-data>\n";

char *office_registry_lock(const char *version)
{
	GString *xml = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                            "<oor:data xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
	                            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
	                            "xmlns:oor=\"http://openoffice.org/2001/registry\">\n");
	/* Else it tests at each start how well it draws, which takes longer than all the rest. */
	append_entry(xml, &(const Entry) { "Setup", "Product", "ooSetupLastVersion", version, NULL });
	for (size_t i = 0; i < G_N_ELEMENTS(entries); i++)
		append_entry(xml, &entries[i]);
	append_removed(xml, "ucb.Configuration", PROVIDERS, providers, G_N_ELEMENTS(providers));
	append_removed(xml, "TypeDetection.Filter", "Filters", filters, G_N_ELEMENTS(filters));
	g_string_append(xml, flat_drawing);
	g_string_append(xml, "</oor:data>\n");
	return g_string_free(xml, FALSE);
}
