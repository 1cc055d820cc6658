// What anybody can read off the public log: who opened how much and why, who may, what authorities demanded, what went
// wrong. The glass page shows nothing that is not here, and nothing here is from anywhere but the log.
//
// Start at Register, which is a fold over entries; PublicRegister follows the log and hands out what it has folded.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "custody/ledger.hpp"
#include "log/follower.hpp"

namespace vitrine::custody {

namespace limits {
// What a register keeps; what is older is in the log alone.
inline constexpr std::size_t accesses_max = 256;  ///< pairs of purpose and class; more are counted as "other"
inline constexpr std::size_t days_kept = 30;
inline constexpr std::size_t demands_max = 2'000;  ///< sealed ones that wait for their opening go last
inline constexpr std::size_t alarms_max = 1'000;
inline constexpr std::size_t interventions_max = 1'000;
inline constexpr std::size_t builds_max = 200;
inline constexpr std::size_t models_max = 200;
inline constexpr std::size_t members_max = 1'000;
inline constexpr std::size_t readers_max = 100;  ///< whose attempts are kept; whoever tried last longest ago goes
inline constexpr std::size_t attempts_per_reader_max = 200;
}  // namespace limits

/// A fold over the log's entries, in their order. Some 20 MB at its limits. Not thread-safe; as a constant it is.
class Register {
 public:
  explicit Register(const Rules& rules);
  /// Takes in an entry; one that is not understood changes nothing. What lies after `now_s` counts as of now.
  void read(std::string_view entry, std::int64_t now_s);

  struct Access {
    std::string purpose, data_class;
    std::int64_t opened = 0, refused = 0;  ///< fields, of rolling 12 months
  };
  [[nodiscard]] std::vector<Access> accesses(std::int64_t now_s) const;

  struct Day {
    std::int64_t start_s = 0;
    std::int64_t openings = 0;  ///< fields that people opened
    std::int64_t batches = 0;   ///< of machines
    std::int64_t refusals = 0;
  };
  /// The last 30, oldest first; days on which nothing happened are there too.
  [[nodiscard]] std::vector<Day> days(std::int64_t now_s) const;

  struct Listed {
    Member member;
    std::int64_t since_s = 0;  ///< may lie ahead; 0: from the start
  };
  [[nodiscard]] const std::vector<Listed>& roster() const { return roster_; }
  /// Null: nobody of that name, or not yet.
  [[nodiscard]] const Member* member(std::string_view id, std::int64_t now_s) const;

  struct Demand {
    std::string id;
    std::int64_t bucket_s = 0;
    std::optional<entry::DemandContent> content;  ///< none: sealed still
    std::optional<entry::SealedDemand> seal;      ///< none: it never was
    std::optional<Outcome> outcome;
    std::string reason;
    [[nodiscard]] bool sealed() const { return !content; }
    /// It should have been opened.
    [[nodiscard]] bool overdue(std::int64_t now_s) const { return sealed() && seal->open_by_s < now_s; }
  };
  // All of these newest first.
  [[nodiscard]] const std::deque<Demand>& demands() const { return demands_; }
  [[nodiscard]] const std::deque<entry::Alarm>& alarms() const { return alarms_; }
  [[nodiscard]] const std::deque<entry::Intervention>& interventions() const { return interventions_; }
  [[nodiscard]] const std::deque<entry::Build>& builds() const { return builds_; }
  [[nodiscard]] const std::deque<entry::Model>& models() const { return models_; }

  [[nodiscard]] std::int64_t erasures() const { return erasures_; }
  [[nodiscard]] const std::optional<entry::Retention>& retention() const { return retention_; }

  struct Attempt {
    std::int64_t bucket_s = 0;
    bool refused = false;
    std::string purpose, data_class, reason;
    std::string nonce;  ///< of an entry of access, which is written before custodians let it be or refuse
  };
  /// What a person on the roster opened or tried to, newest first.
  [[nodiscard]] std::vector<Attempt> attempts_of(std::string_view reader) const;

 private:
  struct Counts {
    YearCounter opened, refused;
  };
  Counts& counts_of(const std::string& purpose, const std::string& data_class);
  Day& day_of(std::int64_t at_s);
  void remember(const std::string& reader, Attempt attempt);
  Demand* find(std::string_view demand);

  void take(const entry::Opened& opened, std::int64_t now_s);
  void take(const entry::Refused& refused, std::int64_t now_s);
  void take(const entry::Joined& joined, std::int64_t now_s);
  void take(const entry::Left& left, std::int64_t now_s);
  void take(const entry::Announced& announced, std::int64_t now_s);
  void take(const entry::Erased& erased, std::int64_t now_s);
  void take(const entry::Demand& demand, std::int64_t now_s);
  void take(const entry::SealedDemand& demand, std::int64_t now_s);
  void take(const entry::Disclosed& disclosed, std::int64_t now_s);
  void take(const entry::Unsealed& unsealed, std::int64_t now_s);
  void take(const entry::Alarm& alarm, std::int64_t now_s);
  void take(const entry::Retention& retention, std::int64_t now_s);
  void take(const entry::Intervention& intervention, std::int64_t now_s);
  void take(const entry::Build& build, std::int64_t now_s);
  void take(const entry::Model& model, std::int64_t now_s);
  void add(Demand demand);

  std::int64_t delay_s_ = 0;
  std::map<std::pair<std::string, std::string>, Counts> accesses_;
  std::map<std::int64_t, Day> days_;  ///< by number since 1970
  std::vector<Listed> roster_;
  std::deque<Demand> demands_;
  std::deque<entry::Alarm> alarms_;
  std::deque<entry::Intervention> interventions_;
  std::deque<entry::Build> builds_;
  std::deque<entry::Model> models_;
  std::int64_t erasures_ = 0;
  std::optional<entry::Retention> retention_;
  std::map<std::string, std::deque<Attempt>, std::less<>> attempts_;  ///< by reader
};

struct PublicRegisterOptions {
  Rules rules;            ///< whose log and witnesses are believed
  tlog::Fetch fetch;      ///< reads the log; called from one thread at a time
  std::string seen_file;  ///< remembers the newest checkpoint over restarts; empty: nothing does
};

/// Follows the log on a thread of its own, half a second at most behind what is published. It shows only what stands
/// under a checkpoint that enough witnesses have cosigned; a log that contradicts itself becomes an alarm, and what was
/// shown before stays. Thread-safe.
class PublicRegister {
 public:
  /// Does not wait for the log. Errors: what keeps seen_file from being read.
  [[nodiscard]] static Result<std::unique_ptr<PublicRegister>> open(PublicRegisterOptions options, const Clock& clock);
  ~PublicRegister();

  struct Cosigned {
    std::uint64_t size = 0;
    std::int64_t at_s = 0;  ///< as the witness says
  };
  struct View {
    std::shared_ptr<const Register> entries;
    std::uint64_t size = 0;            ///< of the log, so far as it was read
    std::vector<Cosigned> cosigned;    ///< the last of each of the rules' witnesses
    std::vector<entry::Alarm> alarms;  ///< found by following, newest first: the log contradicts itself
    std::string trouble;               ///< why the log cannot be read just now; empty: it can
  };
  [[nodiscard]] View view() const;
  /// Reads what has been published so far. Errors: as tlog::Follower's.
  [[nodiscard]] Result<void> catch_up();
  [[nodiscard]] const Rules& rules() const { return options_.rules; }

 private:
  struct Reading;
  PublicRegister(PublicRegisterOptions options, const Clock& clock);
  Result<void> load_seen();
  Result<void> follow();
  void show();
  void note_trouble(const Error& error);
  void keep_reading(const std::stop_token& stop);

  const PublicRegisterOptions options_;
  const Clock& clock_;

  std::mutex reading_mutex_;
  std::unique_ptr<Reading> reading_;
  std::optional<tlog::Checkpoint> seen_;  ///< the newest believed; reading_mutex_

  mutable std::mutex view_mutex_;
  View view_;

  std::mutex sleep_mutex_;
  std::condition_variable_any sleep_;
  std::jthread thread_;  ///< last: it ends before what it uses
};

}  // namespace vitrine::custody
