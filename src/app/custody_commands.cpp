#include "app/command_line.hpp"
#include "app/custody_role.hpp"

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

}  // namespace vitrine::app
