#include "app/command_line.hpp"
#include "app/custody_role.hpp"
#include "app/drill.hpp"
#include "app/markers.hpp"

namespace vitrine::app {

void add_custody_roles(CLI::App& app, Chosen& chosen) {
  auto* custodian =
      add_command(app, chosen.common, "custodian", "Hold one key, and release its shares only for what the log shows",
                  "vitrine custodian --data vitrine-custodian --rules rules.json --log https://clips.example.org/log");
  auto holder = std::make_shared<CustodianRoleOptions>();
  custodian->add_option("--rules", holder->rules_file,
                        "The rules of opening; without them it makes its key, prints it and ends");
  custodian->add_option("--log", holder->log_url, "Where it reads the log");
  custodian->add_option("--listen", holder->listen, "Where the vault asks")->capture_default_str();
  chosen.when(custodian, [holder, &chosen] {
    if (chosen.common.data) holder->data = *chosen.common.data;
    return run_custodian(*holder);
  });

  auto* vault =
      add_command(app, chosen.common, "vault", "Keep sealed records, and open one only with a trace and the custodians",
                  "vitrine vault --data vitrine-vault --rules rules.json --log-socket unix:append.sock --custodian "
                  "http://c1.example:8092 …");
  auto keeper = std::make_shared<VaultRoleOptions>();
  vault->add_option("--rules", keeper->rules_file, "The rules of opening")->required();
  vault->add_option("--log-socket", keeper->log_socket, "Where the log takes entries")->required();
  vault
      ->add_option("--custodian", keeper->custodians,
                   "Address of a custodian; once for each, in the order of the rules")
      ->required();
  vault->add_option("--service", keeper->service, "Member of the rules that machines read as")->capture_default_str();
  vault->add_option("--listen", keeper->listen, "Where the service asks")->capture_default_str();
  chosen.when(vault, [keeper, &chosen] {
    if (chosen.common.data) keeper->data = *chosen.common.data;
    return run_vault(*keeper);
  });
}

void add_drill(CLI::App& app, Chosen& chosen) {
  auto* command =
      app.add_subcommand("drill", "Attack the promises of custody and log with real processes, and say what held");
  auto options = std::make_shared<DrillOptions>();
  auto names = drill_names();
  names.emplace_back("all");
  command->add_option("NAME", options->name, "Which one")->check(CLI::IsMember(names))->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer("Example:\n  vitrine drill december");
  chosen.when(command, [options] { return run_drill(*options); });
}

void add_markers_audit(CLI::App& audit, Chosen& chosen) {
  auto* command = audit.add_subcommand("markers", "Look for planted personal data in every file below a directory");
  auto options = std::make_shared<MarkersOptions>();
  command->add_option("DIR", options->directory, "Where to look")->required();
  command->add_option("--marker", options->markers, "What was planted, at least 6 bytes; several times")->required();
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer("Example:\n  vitrine audit markers vitrine-data --marker planted-7f3a@example.org");
  chosen.when(command, [options] { return audit_markers(*options); });
}

}  // namespace vitrine::app
