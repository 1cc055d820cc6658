#include "app/config.hpp"

#include <sstream>
#include <toml++/toml.h>

#include "base/language.hpp"
#include "base/log.hpp"

namespace vitrine::app {
namespace {

/// One key of the file: its name, and how to read it from and write it to a Config.
struct Key {
  std::string_view name;
  std::string_view expects;
  bool (*read)(const toml::node&, Config&);
  void (*write)(toml::table&, std::string_view, const Config&);
};

template <auto Member>
bool read_value(const toml::node& node, Config& config) {
  using T = std::remove_reference_t<decltype(config.*Member)>;
  auto value = node.value_exact<T>();
  if (value) config.*Member = std::move(*value);
  return value.has_value();
}

template <auto Member>
void write_value(toml::table& table, std::string_view name, const Config& config) {
  table.insert_or_assign(name, config.*Member);
}

template <auto Member>
bool read_list(const toml::node& node, Config& config) {
  const auto* list = node.as_array();
  if (!list || !(list->empty() || list->is_homogeneous(toml::node_type::string))) return false;
  (config.*Member).clear();
  for (const auto& item : *list) (config.*Member).push_back(item.value_or(std::string()));
  return true;
}

template <auto Member>
void write_list(toml::table& table, std::string_view name, const Config& config) {
  toml::array list;
  for (const auto& item : config.*Member) list.push_back(item);
  table.insert_or_assign(name, std::move(list));
}

void write_database(toml::table& table, std::string_view name, const Config& config) {
  std::string address = config.database;
  const auto scheme = address.find("://"), at = address.find('@');
  const auto colon = scheme == std::string::npos ? std::string::npos : address.find(':', scheme + 3);
  if (at != std::string::npos && colon < at) address.replace(colon, at - colon, ":(hidden)");
  table.insert_or_assign(name, address);
}

template <auto Member>
constexpr Key list(std::string_view name, std::string_view expects) {
  return {name, expects, read_list<Member>, write_list<Member>};
}

template <auto Member>
constexpr Key key(std::string_view name, std::string_view expects) {
  return {name, expects, read_value<Member>, write_value<Member>};
}

constexpr auto keys = std::to_array<Key>({
    key<&Config::data>("data", "a directory as text"),
    key<&Config::listen>("listen", "\"host:port\""),
    key<&Config::admin_listen>("admin_listen", "\"host:port\" or \"\""),
    {"database", "\"postgresql://…\" or \"\"", read_value<&Config::database>, write_database},
    key<&Config::public_url>("public_url", "\"https://host\" or \"\""),
    key<&Config::security_contact>("security_contact", "\"mailto:…\" or \"https://…\""),
    list<&Config::trusted_proxies>("trusted_proxies", "a list of addresses as text"),
    key<&Config::log_level>("log_level", "\"debug\", \"info\", \"warning\" or \"error\""),
    key<&Config::transcode_jobs_max>("transcode_jobs_max", "a whole number from 1 to 64"),
    key<&Config::feed_settings>("feed_settings", "the path of a file"),
    key<&Config::keep_originals>("keep_originals", "true or false"),
    list<&Config::transcriber>("transcriber", "a list of texts: a program and its arguments"),
    key<&Config::transcribe_uploads>("transcribe_uploads", "true or false"),
    key<&Config::transcribe_language>("transcribe_language", "a language such as \"en\""),
    key<&Config::smtp>("smtp", "\"smtp://host:port\", \"smtps://host:port\" or \"\""),
    key<&Config::mail_from>("mail_from", "an address"),
    key<&Config::push_ca>("push_ca", "the path of a file"),
    list<&Config::push_allow>("push_allow", "a list of addresses such as \"127.0.0.1:8443\""),
    list<&Config::home_countries>("home_countries", "a list of ISO 3166 codes such as \"NL\""),
    key<&Config::custody_delay_s>("custody_delay_s", "a whole number of seconds"),
    key<&Config::outside_gateway>("outside_gateway", "\"host:port\" or \"\""),
    key<&Config::outside_authorities>("outside_authorities", "the path of a file"),
    key<&Config::vault>("vault", "\"unix:PATH\", \"http://host:port\" or \"\""),
    key<&Config::custody_rules>("custody_rules", "the path of a file"),
    key<&Config::log>("log", "an address or a directory"),
    key<&Config::log_append>("log_append", "\"unix:PATH\" or \"http://host:port\""),
    list<&Config::official_mail_domains>("official_mail_domains", "a list of domains as text"),
    list<&Config::official_networks>("official_networks", "a list of networks such as \"192.0.2.0/24\""),
    list<&Config::official_signals>("official_signals", "a list of headers such as \"X-Managed-Browser: ministry\""),
});

Result<void> apply(const toml::table& table, const std::string& file, Config& config) {
  for (const auto& [name, node] : table) {
    const auto found = std::ranges::find(keys, name.str(), &Key::name);
    if (found == keys.end())
      return fail(Errc::invalid_argument, "{}: line {}: unknown key \"{}\"; `vitrine config show` lists the known ones",
                  file, node.source().begin.line, name.str());
    if (!found->read(node, config))
      return fail(Errc::invalid_argument, "{}: line {}: \"{}\" must be {}", file, node.source().begin.line, name.str(),
                  found->expects);
  }
  return {};
}

}  // namespace

Result<Config> load_config(const std::optional<std::string>& file) {
  Config config;
  if (!file) return config;
  try {
    VT_CHECK(apply(toml::parse_file(*file), *file, config));
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid_argument, "{}: line {}: {}", *file, error.source().begin.line, error.description());
  }
  return config;
}

Result<api::OfficialDevices> official_devices(const Config& config) {
  return api::OfficialDevices::read({config.official_mail_domains, config.official_networks, config.official_signals});
}

Result<void> check(const Config& config) {
  constexpr std::array<std::string_view, 4> levels{"debug", "info", "warning", "error"};
  if (std::ranges::find(levels, config.log_level) == levels.end())
    return fail(Errc::invalid_argument, "log_level must be debug, info, warning or error");
  if (config.transcode_jobs_max < 1 || config.transcode_jobs_max > 64)
    return fail(Errc::invalid_argument, "transcode_jobs_max must be from 1 to 64");
  if (config.data.empty()) return fail(Errc::invalid_argument, "data must name a directory");
  const bool http = config.public_url.starts_with("https://") || config.public_url.starts_with("http://");
  if (!config.public_url.empty() && (!http || config.public_url.ends_with("/")))
    return fail(Errc::invalid_argument, "public_url must be https://host, without a slash at its end");
  if (!config.smtp.empty() && !config.smtp.starts_with("smtp://") && !config.smtp.starts_with("smtps://"))
    return fail(Errc::invalid_argument, "smtp must be smtp://host:port or smtps://host:port, or empty for no mail");
  if (!config.smtp.empty() && config.mail_from.find('@') == std::string::npos)
    return fail(Errc::invalid_argument, "smtp needs mail_from, the address that mail comes from");
  if (!config.vault.empty() && (config.custody_rules.empty() || config.log.empty() || config.log_append.empty()))
    return fail(Errc::invalid_argument, "a vault elsewhere needs custody_rules, log and log_append too");
  if (config.custody_delay_s < 0 || config.custody_delay_s > 366LL * 86'400)
    return fail(Errc::invalid_argument, "custody_delay_s must be from 0 to a year of seconds");
  if (config.transcribe_uploads && config.transcriber.empty())
    return fail(Errc::invalid_argument, "transcribe_uploads needs a transcriber");
  if (!checked_language(config.transcribe_language))
    return fail(Errc::invalid_argument, "transcribe_language must be a BCP 47 tag such as \"en\"");
  if (!config.database.empty() && !config.database.starts_with("postgres"))
    return fail(Errc::invalid_argument, "database must be a postgresql:// address, or empty for SQLite");
  VT_CHECK(official_devices(config));
  return {};
}

std::string show(const Config& config) {
  toml::table table;
  for (const auto& key : keys) key.write(table, key.name, config);
  std::ostringstream out;
  out << table << "\n";
  return out.str();
}

}  // namespace vitrine::app
