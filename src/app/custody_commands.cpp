#include "app/audit_receipts.hpp"
#include "app/command_line.hpp"
#include "app/custody_role.hpp"
#include "app/drill.hpp"
#include "app/markers.hpp"
#include "app/vault_role.hpp"

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
  auto* smtp = vault->add_option("--smtp", keeper->smtp,
                                 "Mail server: smtp://user:password@host:587, or a file that holds such an address, so "
                                 "that no password shows in the list of processes");
  vault->add_option("--from", keeper->mail_from, "Whom mail comes from")->needs(smtp);
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

void add_receipts_audit(CLI::App& audit, Chosen& chosen) {
  auto* command =
      audit.add_subcommand("receipts", "Find what a log says about a person, and compare it with what they were told");
  auto options = std::make_shared<ReceiptsAuditOptions>();
  command->add_option("URL", options->url, "Where the log is: http://…, unix:/…, or a directory of tiles")->required();
  command->add_option("--vkey", options->log_key, "The log's verifier key, from somebody you believe")->required();
  command
      ->add_option("--policy", options->policy_file, "Witnesses and how many must have cosigned (tlog-policy format)")
      ->required();
  command->add_option("--receipt-key", options->receipt_key, "The person's receipt key, in base64 (My data shows it)")
      ->required();
  command->add_option("--claimed", options->claimed_file, "What GET /api/v1/my/receipts gave, to be compared");
  command->add_option("--batches", options->batches_url,
                      "Where the tags of batches are (default: the service's, if the log is below its /log)");
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer(
      "Example:\n  vitrine audit receipts http://127.0.0.1:8080/log --vkey \"$(cat log.vkey)\" --policy "
      "witnesses.policy --receipt-key \"$(cat key)\" --claimed receipts.json");
  chosen.when(command, [options] { return audit_receipts(*options); });
}

}  // namespace vitrine::app
