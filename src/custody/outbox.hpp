// What the log shall say of something, kept in the transaction of that something until the log has it.
//
// Operation: add() writes an entry beside the change it tells of, so that neither is there without the other; move_on()
// gives the log what it has yet to get, in order.
//
// Limitations: if the process ends between the log's taking an entry and our remembering that, the log has the entry
// twice; whoever reads it counts it once.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "custody/log_port.hpp"
#include "store/database.hpp"

namespace vitrine::custody {

/// Thread-safe.
class Outbox {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Outbox>> open(store::Database& database, LogPort log);

  /// For the transaction of what the entry is about.
  [[nodiscard]] static Result<void> add(store::Session& session, const std::string& entry);

  /// Error: unavailable (the log is away; what is left goes with the next call). To be called every minute or so.
  [[nodiscard]] Result<void> move_on();
  /// What is written is said sooner or later; whoever wrote it need not wait for the log.
  void try_to_move_on();

 private:
  Outbox(store::Database& database, LogPort log) : database_(database), log_(std::move(log)) {}

  store::Database& database_;
  const LogPort log_;
  std::mutex moving_mutex_;
};

}  // namespace vitrine::custody
