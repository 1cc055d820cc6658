#include "app/user.hpp"

#include <iostream>

#include "app/data_directory.hpp"
#include "app/house.hpp"
#include "social/accounts.hpp"
#include "store/database.hpp"

namespace vitrine::app {

Result<void> add_user(const Config& config, const std::string& handle) {
  std::string password;
  if (!std::getline(std::cin, password))
    return fail(Errc::invalid_argument, "give the password on standard input, as one line");
  VT_TRY(const auto directory, DataDirectory::open(config.data, DataDirectory::Hold::shared));
  VT_TRY(const auto database, open_configured_database(config, directory));
  VT_TRY(auto viewer_key, directory.key("viewer.key"));
  const SystemClock clock;
  VT_TRY(const auto accounts, social::Accounts::open(*database, clock, std::move(viewer_key)));
  VT_TRY(const auto made, accounts->sign_up(handle, password, ""));
  VT_CHECK(accounts->sign_out(made.token));
  std::cout << "made the account @" << made.account.handle << "\n";
  return {};
}

}  // namespace vitrine::app
