#include "app/custody_place.hpp"

#include "base/files.hpp"

namespace vitrine::app {
namespace {

std::string host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find_first_of(":/")));
}

HouseholdOptions options_of(const Config& config, const DataDirectory& directory) {
  HouseholdOptions options{.directory = directory.file("custody"), .delay_s = config.custody_delay_s};
  if (const auto host = host_of(config.public_url); !host.empty()) options.rp_id = host;
  options.smtp = config.smtp;
  options.mail_from = config.mail_from;
  return options;
}

}  // namespace

Result<CustodyPlace> custody_place(const Config& config, const DataDirectory& directory) {
  CustodyPlace out;
  if (!config.vault.empty()) {
    const auto text = read_file(config.custody_rules, custody::rules_bytes_max);
    if (!text)
      return fail(Errc::invalid_argument, "the rules {} cannot be read: {}", config.custody_rules,
                  text.error().message);
    VT_TRY(out.rules, custody::read_rules(*text));
    out.own = false;
    out.vault = config.vault;
    out.log = config.log;
    out.log_append = config.log_append;
    return out;
  }
  VT_TRY(auto household, Household::prepare(options_of(config, directory)));
  out.household = std::make_unique<Household>(std::move(household));
  out.rules = out.household->rules();
  out.vault = out.household->socket("vault");
  out.log = out.household->path("log/tiles");
  out.log_append = out.household->append_socket();
  return out;
}

}  // namespace vitrine::app
