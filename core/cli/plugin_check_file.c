/* SPDX-License-Identifier: MIT */
/* The plugin as it lies there: trusted, loadable, with tables that are right. In a process of its own, as a constructor
 * may do anything. */
#include <contain/plugin.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/signals.h"
#include "cli/args.h"
#include "cli/flags.h"
#include "cli/plugin_check.h"
#include "container/process.h"
#include "plugin/module.h"
#include "plugin/roster.h"
#include "plugin/trust.h"

static bool is_one_line(const char *text)
{
	return text && *text && !strchr(text, '\n');
}

static void check_names(struct audit_page *page, const struct contain_plugin *api)
{
	if (!is_one_line(api->summary))
		audit_find(page, RULE_SUMMARY, PHASE_NONE,
			   api->summary && *api->summary ? "its summary has more than one line" : "it has no summary");
	if (!is_one_line(api->version))
		audit_find(page, RULE_VERSION, PHASE_NONE, "it has no version");
}

static void check_words(struct audit_page *page, const struct contain_option *option)
{
	size_t length = option->help ? strlen(option->help) : 0;

	if (!is_one_line(option->help))
		audit_find(page, RULE_HELP, PHASE_NONE, "the option %s has %s", option->key,
			   length > 0 ? "more than one line of help" : "no help");
	else if (option->help[length - 1] == '.')
		audit_find(page, RULE_HELP, PHASE_NONE, "the help of the option %s ends with a full stop", option->key);
	if (option->flag && option->type != CONTAIN_BOOL && !option->metavar)
		audit_find(page, RULE_METAVAR, PHASE_NONE, "--%s takes a value that has no name", option->flag);
}

/* Flags of others: the core's are found first, so the plugin's would never be. */
static void check_flag(struct audit_page *page, const struct contain_option *option, const char *owner,
		       const char *section, const struct contain_option *others)
{
	struct flag flag;

	if (option->flag && flag_in_table(section, others, option->flag, 0, &flag))
		audit_find(page, RULE_FLAG_CLASH, PHASE_NONE, "--%s is a flag of %s, too", option->flag, owner);
	if (option->short_flag && flag_in_table(section, others, NULL, option->short_flag, &flag))
		audit_find(page, RULE_FLAG_CLASH, PHASE_NONE, "-%c is a flag of %s, too", option->short_flag, owner);
}

static void check_core_flags(struct audit_page *page, const struct module *module)
{
	const struct contain_option *const core[] = { global_options, create_options, run_options, process_options,
						      cgroup_options };

	for (const struct contain_option *option = module->options; option->key; option++) {
		for (size_t i = 0; i < sizeof(core) / sizeof(*core); i++)
			check_flag(page, option, "contain itself", "", core[i]);
	}
	for (size_t i = 0; module->chooser && i < sizeof(core) / sizeof(*core); i++) {
		for (const struct contain_option *option = core[i]; option->key; option++) {
			if (option->flag && module_choice(module, option->flag))
				audit_find(page, RULE_FLAG_CLASH, PHASE_NONE,
					   "it is chosen by --%s, which is a flag of contain itself", option->flag);
		}
	}
}

static void check_other_flags(struct audit_page *page, const struct module *module, const struct module *other)
{
	char owner[64];

	snprintf(owner, sizeof(owner), "the plugin %s", other->name);
	for (const struct contain_option *option = module->options; option->key; option++)
		check_flag(page, option, owner, other->name, other->options);
}

/* Each default as if a user gave it; what has to be given is not missed here. */
static void check_defaults(struct audit_page *page, const struct module *module)
{
	_cleanup_text_ struct text errors = { 0 };
	struct profile nothing = { 0 };
	struct settings settings = module_settings(module);
	struct contain_option *relaxed;
	size_t count = 0;

	while (module->options[count].key)
		count++;
	relaxed = calloc(count + 1, sizeof(*relaxed));
	if (!relaxed)
		return;
	memcpy(relaxed, module->options, count * sizeof(*relaxed));
	for (size_t i = 0; i < count; i++)
		relaxed[i].flags &= ~CONTAIN_REQUIRED;
	settings.options = relaxed;
	if (settings_fill(&settings, &nothing, &errors) < 0) {
		_cleanup_free_ char *lines = strdup(text_peek(&errors));
		char *rest = lines, *line;

		while ((line = strsep(&rest, "\n"))) {
			if (*line)
				audit_find(page, RULE_DEFAULT, PHASE_NONE, "%s", line);
		}
	}
	settings_free(&settings);
	free(relaxed);
}

static void check_others(struct audit_page *page, enum rule rule, const char *member, const char *const *names,
			 const struct module *module, const struct catalog *catalog)
{
	for (; names && *names; names++) {
		if (strcmp(*names, module->name) == 0)
			audit_find(page, rule, PHASE_NONE, ".%s names the plugin itself", member);
		else if (strcmp(*names, "*") != 0 && !catalog_has(catalog, *names))
			audit_find(page, rule, PHASE_NONE, ".%s names '%s', and there is no such plugin", member,
				   *names);
	}
}

static bool has_live_option(const struct module *module)
{
	for (const struct contain_option *option = module->options; option->key; option++) {
		if (option->flags & CONTAIN_LIVE)
			return true;
	}
	return false;
}

static void check_tables(struct audit_page *page, const struct module *module, const struct catalog *catalog)
{
	const struct contain_plugin *api = &module->api;
	bool live = has_live_option(module);

	check_names(page, api);
	for (const struct contain_option *option = module->options; option->key; option++)
		check_words(page, option);
	check_core_flags(page, module);
	check_defaults(page, module);
	check_others(page, RULE_NEEDS, "needs", api->needs, module, catalog);
	check_others(page, RULE_ORDER, "after", api->after, module, catalog);
	check_others(page, RULE_ORDER, "before", api->before, module, catalog);
	if (live && !api->update)
		audit_find(page, RULE_LIVE, PHASE_NONE, "it has live options, but no hook update");
	if (api->update && !live)
		audit_find(page, RULE_LIVE, PHASE_NONE, "it has the hook update, but no live option");
}

static void copy_facts(struct facts *facts, const struct module *module)
{
	const struct contain_plugin *api = &module->api;
	struct flag flag;

	for (enum phase phase = PHASE_CONFIGURE; phase < PHASE_COUNT; phase++)
		facts->hooks |= phase_hook(api, phase) ? 1U << phase : 0;
	facts->is_live = has_live_option(module);
	facts->has_root_flag = flag_in_table("", module->options, "rootfs", 0, &flag);
	facts->api_minor = api->api_minor;
	while (module->options[facts->option_count].key)
		facts->option_count++;
	snprintf(facts->version, sizeof(facts->version), "%s", api->version ? api->version : "");
	snprintf(facts->summary, sizeof(facts->summary), "%s", api->summary ? api->summary : "");
	for (const char *const *need = api->needs; need && *need && facts->need_count < NEEDS_MOST; need++)
		snprintf(facts->needs[facts->need_count++], PLUGIN_NAME_SIZE, "%s", *need);
	facts->loaded = true;
}

/* The directory of the file, and those that any run would look into. */
static int open_catalog(const struct check *check, struct catalog *catalog, struct text *errors)
{
	const struct contain_list *given = &check->cli->global.plugin_dirs;
	_cleanup_free_ const char **directories = calloc(given->count + 1, sizeof(*directories));

	if (!directories)
		return -ENOMEM;
	directories[0] = check->directory;
	for (size_t i = 0; i < given->count; i++)
		directories[i + 1] = given->items[i];
	return catalog_init(catalog, directories, given->count + 1, check->cli->prefix, errors);
}

static int body_load(struct check *check)
{
	_cleanup_text_ struct text errors = { 0 }, ignored = { 0 };
	struct audit_page *page = check->audit.page;
	struct catalog catalog = { 0 };
	struct module *module;

	if (module_load(check->name, check->path, &module, &errors) < 0) {
		_cleanup_free_ char *line = strdup(text_peek(&errors));

		if (line)
			line[strcspn(line, "\n")] = '\0';
		audit_find(page, RULE_LOAD, PHASE_NONE, "%s", line ? line : "out of memory");
		return 0;
	}
	copy_facts(check->facts, module);
	check_elf(page, check->path);
	if (open_catalog(check, &catalog, &ignored) == 0)
		check_tables(page, module, &catalog);
	return 0;
}

/* Others that can't be loaded are not this one's fault. */
static int body_compare(struct check *check)
{
	_cleanup_text_ struct text ignored = { 0 };
	struct catalog catalog = { 0 };
	struct module *module;

	if (module_load(check->name, check->path, &module, &ignored) < 0 || open_catalog(check, &catalog, &ignored) < 0)
		return 1;
	catalog_load_all(&catalog, &ignored);
	for (size_t i = 0; i < catalog.module_count; i++) {
		if (strcmp(catalog.modules[i]->name, module->name) != 0)
			check_other_flags(check->audit.page, module, catalog.modules[i]);
	}
	return 0;
}

/* Why it has not done all that it was to do; what ended because somebody wants us to end says nothing of the plugin. */
static void find_ending(struct check *check, int status)
{
	char detail[128], name[24];

	if (check->interrupted)
		return;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		scenario_find(check, RULE_HANG, PHASE_NONE, "it does not come back from being loaded");
	} else if (WIFSIGNALED(status)) {
		snprintf(detail, sizeof(detail), "it ends the process that loads it: %s",
			 signal_text(WTERMSIG(status), name));
		scenario_find(check, RULE_CRASH, PHASE_NONE, detail);
	} else if (!check->facts->loaded && check->audit.page->finding_count == 0) {
		scenario_find(check, RULE_CRASH, PHASE_NONE, "it ends the process that loads it");
	}
}

/* Whether the process has done all that it was to do; else its status tells why not. */
static bool do_in_process(struct check *check, int (*body)(struct check *), int *status)
{
	struct subject subject;
	int result = subject_start(check, &subject, -1, -1, body);
	enum news news;

	if (result < 0) {
		scenario_find(check, RULE_LOAD, PHASE_NONE, strerror(-result));
		*status = 0;
		return false;
	}
	news = subject_await(check, &subject, -1);
	subject_end(&subject);
	cleanup_close(&subject.log);
	*status = subject.status;
	return news == NEWS_END && subject.status == 0;
}

static void load(struct check *check)
{
	struct scenario *scenario = &check->scenarios[check->scenario_count - 1];
	int status;

	/* With status 0 it may have ended all the same, before it was loaded: _exit(2) in a constructor. */
	if (!do_in_process(check, body_load, &status) || !check->facts->loaded) {
		find_ending(check, status);
	} else if (!do_in_process(check, body_compare, &status)) {
		snprintf(scenario->note, sizeof(scenario->note),
			 "not compared with the flags of all others: one of them can't be loaded");
	}
}

void check_file(struct check *check)
{
	char known[PATH_MAX] = "", why[PATH_MAX + 128];

	if (scenario_begin(check, "file and tables", AUDIT_WATCH, PHASE_NONE) < 0)
		return;
	if (!plugin_name_valid(check->name))
		scenario_find(
			check, RULE_LOAD, PHASE_NONE,
			"its file is not called NAME.so: a name is a-z, then a-z, 0-9 and -, 32 characters at most");
	/* Not even loaded, as nobody else would. */
	else if (trust_check(check->path, known, why, sizeof(why)) < 0)
		scenario_find(check, RULE_TRUST, PHASE_NONE, why);
	else
		load(check);
	scenario_end(check);
}
