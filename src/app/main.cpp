// The command line: one subcommand a role or a job. Exit status 0 fine, 1 failed, 2 usage; an error is one line that
// says what to do.
#include <iostream>

#include "app/audit.hpp"
#include "app/bench_app.hpp"
#include "app/bench_app_fill.hpp"
#include "app/bench_feed.hpp"
#include "app/bench_http.hpp"
#include "app/bench_log.hpp"
#include "app/bench_media.hpp"
#include "app/bench_vault.hpp"
#include "app/command_line.hpp"
#include "app/doctor.hpp"
#include "app/eval.hpp"
#include "app/import.hpp"
#include "app/serve.hpp"
#include "app/user.hpp"
#include "base/log.hpp"
#include "feed/interaction_log.hpp"

namespace vitrine::app {

CLI::App* add_command(CLI::App& parent, Common& common, const std::string& name, const std::string& does,
                      const std::string& example) {
  auto* command = parent.add_subcommand(name, does);
  command->add_option("--config", common.config_file,
                      "Configuration file (TOML); `vitrine config show` lists its keys");
  command->add_option("--data", common.data, "Directory of everything the service keeps (default: vitrine-data)");
  command->footer("Example:\n  " + example);
  return command;
}

Result<Config> configuration(const Common& common) {
  VT_TRY(Config config, load_config(common.config_file));
  if (common.data) config.data = *common.data;
  VT_CHECK(check(config));
  return config;
}

namespace {

log::Level level_of(std::string_view word) {
  if (word == "debug") return log::Level::debug;
  if (word == "warning") return log::Level::warning;
  if (word == "error") return log::Level::error;
  return log::Level::info;
}

void add_serve(CLI::App& app, Chosen& chosen) {
  auto* command = add_command(app, chosen.common, "serve", "Run the whole service on this machine",
                              "vitrine serve --listen 127.0.0.1:8080 --data vitrine-data --demo");
  struct Flags {
    std::optional<std::string> listen, admin_listen;
    bool demo = false;
  };
  auto flags = std::make_shared<Flags>();
  command->add_option("--listen", flags->listen, "Address to serve on (default: 127.0.0.1:8080; port 0 picks one)");
  command->add_option("--admin-listen", flags->admin_listen, "Address for /metrics (default: none)");
  command->add_flag("--demo", flags->demo, "Fill an empty data directory with generated clips, people and activity");
  chosen.when(command, [&chosen, flags]() -> Result<void> {
    VT_TRY(Config config, configuration(chosen.common));
    if (flags->listen) config.listen = *flags->listen;
    if (flags->admin_listen) config.admin_listen = *flags->admin_listen;
    log::set_level(level_of(config.log_level));
    return serve(config, flags->demo ? Fill::demo : Fill::nothing);
  });
}

void add_import(CLI::App& app, Chosen& chosen) {
  auto* command = add_command(app, chosen.common, "import", "Upload a folder of videos to a running server",
                              "vitrine import ~/Videos --handle ada --server http://127.0.0.1:8080");
  auto options = std::make_shared<ImportOptions>();
  command->add_option("DIR", options->directory, "Folder of videos; a second run goes on where the first ended")
      ->required();
  command->add_option("--server", options->server_url, "Address of the server (default: http://127.0.0.1:8080)");
  command->add_option("--handle", options->handle, "Account to upload as; VITRINE_PASSWORD holds its password")
      ->required();
  chosen.when(command, [options]() -> Result<void> {
    const char* password = std::getenv("VITRINE_PASSWORD");
    if (!password)
      return fail(Errc::invalid_argument, "set VITRINE_PASSWORD to the account's password, then run the import again");
    options->password = password;
    return import_directory(*options);
  });
}

void add_config(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("config", "Check or show the configuration")->require_subcommand(1);
  auto* check_command = add_command(*group, chosen.common, "check", "Say whether a configuration file is good",
                                    "vitrine config check --config /etc/vitrine/vitrine.toml");
  chosen.when(check_command, [&chosen]() -> Result<void> {
    VT_CHECK(configuration(chosen.common));
    std::cout << "the configuration is good\n";
    return {};
  });
  auto* show_command = add_command(*group, chosen.common, "show", "Print the configuration in force, defaults included",
                                   "vitrine config show > vitrine.toml");
  chosen.when(show_command, [&chosen]() -> Result<void> {
    VT_TRY(const Config config, configuration(chosen.common));
    std::cout << show(config);
    return {};
  });
}

void add_user(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("user", "Manage accounts")->require_subcommand(1);
  auto* command = add_command(*group, chosen.common, "add", "Make an account; its password is read from standard input",
                              "pwgen -s 20 1 | vitrine user add ada --data vitrine-data");
  auto handle = std::make_shared<std::string>();
  command->add_option("HANDLE", *handle, "3 to 24 of a-z, 0-9, '_' and '.'")->required();
  chosen.when(command, [&chosen, handle]() -> Result<void> {
    VT_TRY(const Config config, configuration(chosen.common));
    return add_user(config, *handle);
  });
  auto* role_command = add_command(*group, chosen.common, "role",
                                   "Make somebody a moderator, or put them on the roster of those who may sign",
                                   "vitrine user role ada staff --data vitrine-data");
  auto who = std::make_shared<std::string>();
  auto role = std::make_shared<std::string>();
  role_command->add_option("HANDLE", *who, "An account; with a passkey, for the roster")->required();
  role_command->add_option("ROLE", *role, "moderator; staff or overseer of the roster; none takes it all from them")
      ->required()
      ->check(CLI::IsMember({"moderator", "staff", "overseer", "none"}));
  chosen.when(role_command, [&chosen, who, role]() -> Result<void> {
    VT_TRY(const Config config, configuration(chosen.common));
    return set_user_role(config, *who, *role);
  });
}

void add_doctor(CLI::App& app, Chosen& chosen) {
  auto* command =
      add_command(app, chosen.common, "doctor", "Check this machine and a data directory, and say what to mend",
                  "vitrine doctor --data vitrine-data");
  chosen.when(command, [&chosen]() -> Result<void> {
    VT_TRY(const Config config, configuration(chosen.common));
    return doctor(config);
  });
}

void add_bench_feed(CLI::App& group, Chosen& chosen) {
  auto* command = add_command(group, chosen.common, "feed",
                              "What a page and an event cost, in process and over HTTP; how newcomers fare",
                              "vitrine bench feed --videos 1000000\n  vitrine bench feed --personas");
  auto sizes = std::make_shared<BenchFeedOptions>();
  auto people = std::make_shared<PersonasOptions>();
  auto simulate = std::make_shared<bool>(false);
  command->add_flag("--json", chosen.common.json, "One JSON object instead of a table");
  auto* personas = command->add_flag("--personas", *simulate, "Simulate newcomers with hidden tastes instead");
  auto* videos =
      command
          ->add_option("--videos", sizes->videos, "Sizes of catalogue; the first is the one that plain names tell of")
          ->check(CLI::Range(1'000, 100'000'000))
          ->capture_default_str();
  command->add_option("--viewers", people->viewers, "Newcomers")->needs(personas)->check(CLI::Range(1, 100'000));
  command->add_option("--topics", people->topics, "Topics of the catalogue")->needs(personas);
  command->add_option("--seed", people->seed, "Another world for another number")->needs(personas);
  command->add_option("--settings", people->settings, "The engine's settings to try with them")->needs(personas);
  chosen.when(command, [=, &chosen] {
    sizes->json = people->json = chosen.common.json;
    if (!*simulate) return bench_feed(*sizes);
    if (videos->count() > 0) people->videos = sizes->videos.front();
    return bench_personas(*people);
  });
}

/// The configuration, with another database over it if one is named.
Result<Config> configuration_with(const Common& common, const std::string& database) {
  VT_TRY(Config config, configuration(common));
  if (!database.empty()) config.database = database;
  VT_CHECK(check(config));
  return config;
}

void add_bench_world(CLI::App& group, Chosen& chosen) {
  auto* command = add_command(group, chosen.common, "world", "Fill an empty data directory with a world to measure in",
                              "vitrine bench world --data big --videos 100000 --comments 1000000 --accounts 100000");
  auto options = std::make_shared<AppWorldOptions>();
  auto database = std::make_shared<std::string>();
  command->add_option("--database-url", *database, "postgresql://… of an empty database (default: SQLite in --data)");
  command->add_option("--videos", options->videos, "Videos")->check(CLI::Range(10, 10'000'000))->capture_default_str();
  command->add_option("--comments", options->comments, "Comments")
      ->check(CLI::Range(10, 100'000'000))
      ->capture_default_str();
  command->add_option("--accounts", options->accounts, "Accounts")
      ->check(CLI::Range(100, 10'000'000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Another world for another number")->capture_default_str();
  command->add_option("--ends-at", options->ends_at,
                      "Milliseconds since 1970 up to which it has lived (default: now); with the same, the same world");
  chosen.when(command, [=, &chosen]() -> Result<void> {
    VT_TRY(const Config config, configuration_with(chosen.common, *database));
    log::set_level(log::Level::warning);
    return bench_world(config, *options);
  });
}

void add_bench_app(CLI::App& group, Chosen& chosen) {
  auto* command =
      add_command(group, chosen.common, "app", "The whole service on one core, asked by thousands of people at once",
                  "vitrine bench world --data big && vitrine bench app --data big --rate 200 --seconds 60");
  auto options = std::make_shared<BenchAppOptions>();
  auto database = std::make_shared<std::string>();
  command->add_flag("--json", chosen.common.json, "One JSON object instead of a table");
  command->add_option("--database-url", *database, "postgresql://… of the world (default: SQLite in --data)");
  command->add_option("--rate", options->rate_per_s, "Requests a second")
      ->check(CLI::Range(1.0, 100'000.0))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "How long")
      ->check(CLI::Range(1.0, 86'400.0))
      ->capture_default_str();
  command->add_option("--core", options->core, "Core of the service and its database")->capture_default_str();
  command->add_option("--people", options->people, "Who ask")->check(CLI::Range(1, 60'000))->capture_default_str();
  chosen.when(command, [=, &chosen]() -> Result<void> {
    options->json = chosen.common.json;
    VT_TRY(const Config config, configuration_with(chosen.common, *database));
    log::set_level(log::Level::warning);
    return bench_app(config, *options);
  });
}

void add_bench(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("bench", "Measure, each figure beside a peer or a limit taken in the same run")
                    ->require_subcommand(1);
  const auto add = [&](const std::string& name, const std::string& does, Result<void> (*run)(bool)) {
    auto* command = add_command(*group, chosen.common, name, does, "vitrine bench " + name + " --json");
    command->add_flag("--json", chosen.common.json, "One JSON object instead of a table");
    chosen.when(command, [&chosen, run] { return run(chosen.common.json); });
  };
  add("http", "Media ranges and small JSON against nginx, idle memory, time to start", bench_http);
  add_bench_feed(*group, chosen);
  add_bench_world(*group, chosen);
  add_bench_app(*group, chosen);
  add("log", "Durable entries a second with many writers, one entry over one fdatasync, a proof's time", bench_log);
  add("vault", "A witnessed opening by two of three custodians, and openings in batches", bench_vault);
  add("media", "Time until a clip is playable, and the ladder's CPU against one bare FFmpeg call", bench_media);
}

void add_eval(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("eval", "Measure the feed's engine on a log of showings whose outcome is known");
  auto options = std::make_shared<EvalOptions>();
  command->add_option("LOG", options->log, "A table with names in its first line; see below")->required();
  command
      ->add_option("--protocol", options->protocol,
                   "prequential: predict each row, then learn it. leave-one-out: learn all but each user's last item, "
                   "then rank all "
                   "items. split: learn LOG, then rank all items for the users of --test")
      ->check(CLI::IsMember({"prequential", "leave-one-out", "split"}));
  command->add_option("--test", options->test, "What to predict with --protocol split");
  command->add_option("--warm", options->warm, "Learned before anything is predicted: a log, or histories");
  command->add_option("--settings", options->settings, "The engine's settings, as src/feed/settings.toml has them");
  command->add_flag("--json", options->json, "One JSON object instead of a table");
  command->footer("Columns (any of the names; all but user and item may be missing):\n" + feed::column_help() +
                  "Example:\n  vitrine eval stream.csv --warm history.csv --protocol prequential --json");
  chosen.when(command, [options] { return eval(*options); });
}

void add_audit(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("audit", "Check what the service did, without trusting it")->require_subcommand(1);
  auto* command = group->add_subcommand(
      "replay", "Make pages of For You again from their receipts and the event stream, and compare bit for bit");
  auto options = std::make_shared<ReplayOptions>();
  command->add_option("RECEIPTS", options->receipts, "Files of receipts, one a line; - for standard input")->required();
  command->add_option("--data", options->data, "Data directory whose events/ and snapshots/ are read")
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer(
      "A receipt comes with a page: GET /api/v1/feed?receipt=true. Exit 0: every page came out the same.\n"
      "Example:\n  vitrine audit replay receipts.jsonl --data vitrine-data");
  chosen.when(command, [options] { return audit_replay(*options); });
  add_log_audit(*group, chosen);
  add_markers_audit(*group, chosen);
  add_receipts_audit(*group, chosen);
}

int run(int argc, char** argv) {
  CLI::App app{"Vitrine: a short-video service behind glass"};
  app.set_version_flag("--version", VITRINE_VERSION);
  app.require_subcommand(1);
  app.footer("Start here:\n  vitrine serve --demo\nEvery command has its own --help with an example.");
  Chosen chosen;
  add_serve(app, chosen);
  add_log_roles(app, chosen);
  add_custody_roles(app, chosen);
  add_import(app, chosen);
  add_user(app, chosen);
  add_config(app, chosen);
  add_doctor(app, chosen);
  add_bench(app, chosen);
  add_eval(app, chosen);
  add_audit(app, chosen);
  add_drill(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help, --version
  } catch (const CLI::ParseError& error) {
    std::cerr << "vitrine: " << error.what() << " (see --help)\n";
    return 2;
  }
  const auto result = chosen.action();
  if (result) return 0;
  std::cerr << "vitrine: " << result.error().message << "\n";
  return result.error().code == Errc::invalid_argument ? 2 : 1;
}

}  // namespace
}  // namespace vitrine::app

int main(int argc, char** argv) { return vitrine::app::run(argc, argv); }
