// Every room of the service, opened over one data directory and wired to the others. The only place where rooms that
// must not know each other meet.
#pragma once
#include <memory>

#include "api/api.hpp"
#include "app/config.hpp"
#include "app/data_directory.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace vitrine::app {

class House {
 public:
  /// Opens, migrates, recovers from what a crash left, and starts processing. Errors name what to mend.
  [[nodiscard]] static Result<std::unique_ptr<House>> open(const Config& config);
  ~House();
  [[nodiscard]] api::Rooms& rooms();

 private:
  struct Impl;
  explicit House(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The configured relational store: PostgreSQL, or SQLite in the data directory.
[[nodiscard]] Result<std::unique_ptr<store::Database>> open_configured_database(const Config& config,
                                                                                const DataDirectory& directory);

}  // namespace vitrine::app
