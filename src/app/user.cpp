#include "app/user.hpp"

#include <iostream>

#include "api/personal.hpp"
#include "api/staff.hpp"
#include "app/custody_place.hpp"
#include "app/house.hpp"
#include "app/role_support.hpp"
#include "app/vault_client.hpp"
#include "custody/ledger.hpp"
#include "social/accounts.hpp"
#include "social/moderators.hpp"
#include "store/database.hpp"

namespace vitrine::app {
namespace {

Result<void> append_to_log(const CustodyPlace& place, const std::string& entry) {
  http::Client log(place.log_append);
  auto answer = body_of(log.send(http::Method::post, "/entries?proof", {}, entry));
  if (answer) return {};
  return fail(answer.error().code, "the log does not take the entry: is the service running? {}",
              answer.error().message);
}

}  // namespace

Result<void> add_user(const Config& config, const std::string& handle) {
  std::string password;
  if (!std::getline(std::cin, password))
    return fail(Errc::invalid_argument, "give the password on standard input, as one line");
  VT_TRY(const auto directory, DataDirectory::open(config.data, DataDirectory::Hold::shared));
  VT_TRY(const auto database, open_configured_database(config, directory));
  VT_TRY(const auto place, custody_place(config, directory));
  const SystemClock clock;
  VaultClient vault(place.vault);
  VT_TRY(const auto front, custody::Front::open(*database, place.rules, vault, clock));
  VT_TRY(const auto accounts, social::Accounts::open(*database, clock, api::welcome_by(*front)));
  VT_TRY(const auto made, accounts->sign_up({.handle = handle}, password));
  VT_CHECK(accounts->sign_out(made.token));
  std::cout << "made the account @" << made.account.handle << "\n";
  return {};
}

Result<void> set_user_role(const Config& config, const std::string& handle, const std::string& role) {
  VT_TRY(const auto directory, DataDirectory::open(config.data, DataDirectory::Hold::shared));
  VT_TRY(const auto database, open_configured_database(config, directory));
  VT_TRY(const auto place, custody_place(config, directory));
  const SystemClock clock;
  social::Staff staff(*database, clock);
  social::Moderators moderators(*database, clock);
  if (role == "moderator") {
    VT_CHECK(moderators.add(handle));
    std::cout << fmt::format("@{} moderates from now on\n", handle);
    return {};
  }
  const auto bucket = custody::bucket_of(clock.now());
  if (role == "none") {
    const bool moderated = moderators.remove(handle).has_value();
    if (moderated) std::cout << fmt::format("@{} is no moderator any more\n", handle);
    auto gone_from_roster = staff.remove(handle);
    if (!gone_from_roster && moderated && gone_from_roster.error().code == Errc::not_found) return {};
    VT_TRY(const auto gone, std::move(gone_from_roster));
    VT_CHECK(append_to_log(place, custody::roster_removal(gone.member_id, bucket)));
    std::cout << fmt::format("@{} ({}) is off the roster\n", handle, gone.member_id);
    return {};
  }
  VT_TRY(const auto member, staff.add(handle, role, *place.rules.zones.begin()));
  if (auto appended = append_to_log(place, custody::roster_entry(api::member_of(member), bucket)); !appended) {
    VT_CHECK(staff.remove(handle));
    return appended;
  }
  std::cout << fmt::format("@{} is {} on the roster, as {}; they may sign in {} s\n", handle, role, member.member_id,
                           place.rules.delay_s);
  return {};
}

}  // namespace vitrine::app
