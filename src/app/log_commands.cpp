#include "app/command_line.hpp"
#include "app/log_role.hpp"

namespace vitrine::app {

void add_log_roles(CLI::App& app, Chosen& chosen) {
  auto* log = add_command(
      app, chosen.common, "log", "Keep a public log: append entries, sign checkpoints, ask witnesses",
      "vitrine log --data vitrine-log --origin log.example.org --policy witnesses.policy --listen 127.0.0.1:8091");
  auto options = std::make_shared<LogRoleOptions>();
  log->add_option("--origin", options->origin, "Name of the log and its key; kept from the first start on");
  log->add_option("--listen", options->listen, "Where anybody may read it (default: nowhere)");
  log->add_option("--append-socket", options->append_socket,
                  "Unix socket for those who append (default: append.sock in the data directory)");
  log->add_option("--policy", options->policy_file, "Witnesses to ask and how many must cosign (tlog-policy format)");
  log->add_option("--interval-ms", options->interval_ms, "At most so long until an entry is under a checkpoint")
      ->check(CLI::Range(10, 60'000))
      ->capture_default_str();
  chosen.when(log, [options, &chosen] {
    if (chosen.common.data) options->data = *chosen.common.data;
    return run_log(*options);
  });

  auto* witness =
      add_command(app, chosen.common, "witness", "Cosign the checkpoints of logs as long as each continues the last",
                  "vitrine witness --data vitrine-witness --name w.example.org --log log.example.org+…+…");
  auto watching = std::make_shared<WitnessRoleOptions>();
  witness->add_option("--name", watching->name, "Name of its key; kept from the first start on");
  witness->add_option("--listen", watching->listen, "Where logs ask and monitors read")->capture_default_str();
  witness->add_option("--log", watching->logs, "Verifier key of a log to follow; may be given several times")
      ->required();
  chosen.when(witness, [watching, &chosen] {
    if (chosen.common.data) watching->data = *chosen.common.data;
    return run_witness(*watching);
  });
}

void add_log_audit(CLI::App& audit, Chosen& chosen) {
  auto* command = audit.add_subcommand("log", "Fetch a log whole, compute every hash anew, check who signed it");
  auto options = std::make_shared<LogAuditOptions>();
  command->add_option("URL", options->url, "http://…, unix:/…, or a directory of tiles")->required();
  command->add_option("--vkey", options->log_key, "The log's verifier key, from somebody you believe")->required();
  auto* witnesses =
      command->add_option("--witness", options->witnesses, "Key of a witness that must have cosigned; several times");
  command->add_option("--policy", options->policy_file, "Witnesses and quorum instead (tlog-policy format)")
      ->excludes(witnesses);
  command->add_option("--state", options->state,
                      "Directory that remembers the newest checkpoint, to notice split views");
  command->add_flag("--json", options->json, "One JSON object instead of lines");
  command->footer("Example:\n  vitrine audit log http://127.0.0.1:8080/log --vkey \"$(cat log.vkey)\" --state seen");
  chosen.when(command, [options] { return audit_log(*options); });
}

}  // namespace vitrine::app
