// The configuration: one small TOML file, every key optional; flags of the command line win over it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/official.hpp"
#include "base/result.hpp"

namespace vitrine::app {

struct Config {
  std::string data = "vitrine-data";         ///< directory of everything the service keeps
  std::string listen = "127.0.0.1:8080";     ///< where people come in; port 0 picks a free one
  std::string admin_listen;                  ///< /metrics and health; empty: none
  std::string database;                      ///< "postgresql://…"; empty: SQLite in the data directory
  std::string public_url;                    ///< "https://clips.example.org"; passkeys and links use it
  std::string security_contact;              ///< "mailto:…" or "https://…" for /.well-known/security.txt
  std::vector<std::string> trusted_proxies;  ///< addresses whose X-Forwarded-* are believed
  std::string log_level = "info";            ///< debug, info, warning, error
  std::int64_t transcode_jobs_max = 1;       ///< videos processed at once, 1 … 64
  std::string feed_settings;                 ///< file of For You's weights (docs/feed.md); empty: the shipped ones
  bool keep_originals = false;               ///< keep what was uploaded after processing
  std::vector<std::string> transcriber;      ///< command line of a speech recognition (docs/captions.md); empty: none
  bool transcribe_uploads = false;           ///< have it write captions for each new video
  std::string transcribe_language = "en";    ///< what new videos are taken to be spoken in, BCP 47
  std::string smtp;                          ///< "smtp://host:587", where the vault's mail goes; empty: none is sent
  std::string mail_from;                     ///< "vitrine@example.org", whom that mail comes from
  std::string push_ca;                       ///< file of certificates for push services; empty: the system's
  std::vector<std::string> push_allow;       ///< "127.0.0.1:8443", …: push services of one's own, not public
  std::vector<std::string> home_countries;   ///< "NL", …: whose authorities' demands concern this service's zone
  std::int64_t custody_delay_s = 86'400;     ///< of a new custody: until a change of roster or rules is in force
  std::string outside_gateway;      ///< "host:port" through which other people's hosts are reached; empty: directly
  std::string outside_authorities;  ///< PEM file of authorities for those hosts; empty: the system's
  std::string vault;  ///< where it listens, "unix:…" or "http://…"; empty: the service starts all roles itself
  std::string custody_rules;  ///< file of the rules, with a vault elsewhere
  std::string log;            ///< directory of the log's tiles, with a vault elsewhere
  std::string log_append;     ///< where the log takes the service's entries, with a vault elsewhere: "unix:…"
  /// Official devices, which the service declines (docs/official-devices.md).
  std::vector<std::string> official_mail_domains;  ///< "ministry.example", with all below it
  std::vector<std::string> official_networks;      ///< "192.0.2.0/24", "2001:db8::/32"
  std::vector<std::string> official_signals;       ///< headers of managed browsers: "X-Managed-Browser: ministry"
};

/// Reads `file` over the defaults. Errors name the key and what it may be; a key that is not known is an error.
[[nodiscard]] Result<Config> load_config(const std::optional<std::string>& file);
[[nodiscard]] Result<api::OfficialDevices> official_devices(const Config& config);
/// Checks values against each other and their limits.
[[nodiscard]] Result<void> check(const Config& config);
/// As a TOML file; a password inside the database's address is left out.
[[nodiscard]] std::string show(const Config& config);

}  // namespace vitrine::app
