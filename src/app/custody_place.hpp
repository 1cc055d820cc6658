// Where the roles of custody are, seen from the service: started beside it, or run elsewhere by the configuration.
#pragma once
#include <memory>
#include <string>

#include "app/config.hpp"
#include "app/data_directory.hpp"
#include "app/household.hpp"
#include "custody/rules.hpp"

namespace vitrine::app {

struct CustodyPlace {
  bool own = true;  ///< all roles on this machine, started by the service
  custody::Rules rules;
  std::string vault;                     ///< "unix:…" or "http://…"
  std::string log;                       ///< an address, or the directory of its tiles
  std::string log_append;                ///< where it takes entries
  std::unique_ptr<Household> household;  ///< if they are our own
};

/// Reads the rules, or makes keys and rules for roles of our own. Starts nothing. Errors name what to mend.
[[nodiscard]] Result<CustodyPlace> custody_place(const Config& config, const DataDirectory& directory);

}  // namespace vitrine::app
