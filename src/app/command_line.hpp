// What the commands of the command line are made of; main.cpp and one file a family add them.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "app/config.hpp"

namespace vitrine::app {

/// The flags every command knows.
struct Common {
  std::optional<std::string> config_file;
  std::optional<std::string> data;
  bool json = false;
};

using Action = std::function<Result<void>()>;

/// What the chosen command does, set while the command line is parsed.
struct Chosen {
  Common common;
  Action action;

  void when(CLI::App* command, Action run) {
    command->callback([this, run = std::move(run)] { action = run; });
  }
};

CLI::App* add_command(CLI::App& parent, Common& common, const std::string& name, const std::string& does,
                      const std::string& example);
/// The configuration that the common flags name, with --data over it.
Result<Config> configuration(const Common& common);

/// log, witness.
void add_log_roles(CLI::App& app, Chosen& chosen);
/// custodian, vault.
void add_custody_roles(CLI::App& app, Chosen& chosen);
void add_drill(CLI::App& app, Chosen& chosen);
/// Below `audit`: log, markers, receipts.
void add_log_audit(CLI::App& audit, Chosen& chosen);
void add_receipts_audit(CLI::App& audit, Chosen& chosen);
void add_markers_audit(CLI::App& audit, Chosen& chosen);

}  // namespace vitrine::app
