#include "custody/public_register.hpp"

#include "base/files.hpp"
#include "base/log.hpp"

namespace vitrine::custody {
namespace {

constexpr std::int64_t day_s = 86'400;
constexpr std::chrono::milliseconds pause{400};
constexpr std::chrono::seconds pause_after_contradiction{30};  // it may mean reading the whole log again
constexpr std::size_t own_alarms_max = 100;
constexpr std::string_view other = "other";

template <class T>
void keep_newest(std::deque<T>& list, T one, std::size_t max) {
  list.push_front(std::move(one));
  if (list.size() > max) list.pop_back();
}

bool contradicts(const Error& error) { return error.code == Errc::conflict || error.code == Errc::unprocessable; }

}  // namespace

// ---------------------------------------------------------------------------------------------------------------
// The fold

Register::Register(const Rules& rules) : delay_s_(rules.delay_s) {
  for (const auto& member : rules.members) roster_.push_back({member, 0});
}

void Register::read(std::string_view text, std::int64_t now_s) {
  auto entry = read_entry(text);
  if (!entry) return;
  std::visit(
      [&](auto& one) {
        one.bucket_s = std::min(one.bucket_s, now_s);
        take(one, now_s);
      },
      *entry);
}

Register::Counts& Register::counts_of(const std::string& purpose, const std::string& data_class) {
  const auto key = std::pair(purpose, data_class);
  if (const auto found = accesses_.find(key); found != accesses_.end()) return found->second;
  if (accesses_.size() + 1 < limits::accesses_max) return accesses_[key];
  return accesses_[{std::string(other), std::string(other)}];
}

Register::Day& Register::day_of(std::int64_t at_s) {
  const auto number = at_s / day_s;
  auto& day = days_[number];
  day.start_s = number * day_s;
  return day;
}

void Register::remember(const std::string& reader, Attempt attempt) {
  keep_newest(attempts_[reader], std::move(attempt), limits::attempts_per_reader_max);
  if (attempts_.size() <= limits::readers_max) return;
  const auto longest_ago =
      std::ranges::min_element(attempts_, {}, [](const auto& of) { return of.second.front().bucket_s; });
  attempts_.erase(longest_ago);
}

void Register::take(const entry::Opened& opened, std::int64_t now_s) {
  auto& counts = counts_of(opened.purpose, opened.data_class).opened;
  counts.add(opened.bucket_s, opened.count);
  counts.forget_before_year(now_s);
  auto& day = day_of(opened.bucket_s);
  ++(opened.batch ? day.batches : day.openings);
  days_.erase(days_.begin(), days_.lower_bound(now_s / day_s - static_cast<std::int64_t>(limits::days_kept) + 1));
  if (!opened.batch)
    remember(opened.reader, {opened.bucket_s, false, opened.purpose, opened.data_class, "", opened.nonce});
}

void Register::take(const entry::Refused& refused, std::int64_t now_s) {
  auto& counts = counts_of(refused.purpose, refused.data_class).refused;
  counts.add(refused.bucket_s, 1);
  counts.forget_before_year(now_s);
  ++day_of(refused.bucket_s).refusals;
  days_.erase(days_.begin(), days_.lower_bound(now_s / day_s - static_cast<std::int64_t>(limits::days_kept) + 1));
  remember(refused.reader, {refused.bucket_s, true, refused.purpose, refused.data_class, refused.reason, ""});
}

std::vector<Register::Access> Register::accesses(std::int64_t now_s) const {
  std::vector<Access> out;
  for (const auto& [key, counts] : accesses_) {
    Access one{key.first, key.second, counts.opened.in_year_before(now_s), counts.refused.in_year_before(now_s)};
    if (one.opened + one.refused > 0) out.push_back(std::move(one));
  }
  return out;
}

std::vector<Register::Day> Register::days(std::int64_t now_s) const {
  std::vector<Day> out;
  const auto today = now_s / day_s;
  for (auto number = today - static_cast<std::int64_t>(limits::days_kept) + 1; number <= today; ++number) {
    const auto found = days_.find(number);
    out.push_back(found == days_.end() ? Day{.start_s = number * day_s} : found->second);
  }
  return out;
}

std::vector<Register::Attempt> Register::attempts_of(std::string_view reader) const {
  const auto found = attempts_.find(reader);
  if (found == attempts_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

// --- roster ------------------------------------------------------------------------------------------------------

void Register::take(const entry::Joined& joined, std::int64_t) {
  const bool taken = std::ranges::any_of(roster_, [&](const Listed& one) { return one.member.id == joined.member.id; });
  if (taken || roster_.size() == limits::members_max) return;
  roster_.push_back({joined.member, joined.bucket_s + delay_s_});
}

void Register::take(const entry::Left& left, std::int64_t) {
  std::erase_if(roster_, [&](const Listed& one) { return one.member.id == left.member; });
}

const Member* Register::member(std::string_view id, std::int64_t now_s) const {
  const auto found = std::ranges::find(roster_, id, [](const Listed& one) { return std::string_view(one.member.id); });
  return found == roster_.end() || found->since_s > now_s ? nullptr : &found->member;
}

// --- demands -----------------------------------------------------------------------------------------------------

Register::Demand* Register::find(std::string_view demand) {
  const auto found = std::ranges::find(demands_, demand, &Demand::id);
  return found == demands_.end() ? nullptr : &*found;
}

/// What is full gives up the oldest that nobody waits for: nobody shall be able to hide a sealed demand behind others.
void Register::add(Demand demand) {
  if (find(demand.id)) return;
  demands_.push_front(std::move(demand));
  if (demands_.size() <= limits::demands_max) return;
  const auto goes = std::find_if(demands_.rbegin(), demands_.rend(), [](const Demand& one) { return !one.sealed(); });
  if (goes == demands_.rend())
    demands_.pop_back();
  else
    demands_.erase(std::next(goes).base());
}

void Register::take(const entry::Demand& demand, std::int64_t) {
  add({.id = demand.id, .bucket_s = demand.bucket_s, .content = demand.content, .reason = {}});
}

void Register::take(const entry::SealedDemand& demand, std::int64_t) {
  add({.id = demand.id, .bucket_s = demand.bucket_s, .seal = demand, .reason = {}});
}

void Register::take(const entry::Disclosed& disclosed, std::int64_t) {
  auto* demand = find(disclosed.demand);
  if (!demand) return;
  demand->outcome = disclosed.outcome;
  demand->reason = disclosed.reason;
}

void Register::take(const entry::Unsealed& unsealed, std::int64_t now_s) {
  auto* demand = find(unsealed.demand);
  if (!demand || !demand->sealed()) return;
  auto content = entry::read_demand_content(unsealed.content);
  if (content && entry::commitment_to(unsealed.salt, unsealed.content) == demand->seal->commitment) {
    demand->content = std::move(*content);
    return;
  }
  take(entry::Alarm{unsealed.bucket_s, demand->id, "what was opened is not the demand that was sealed"}, now_s);
}

// --- the rest ----------------------------------------------------------------------------------------------------

void Register::take(const entry::Announced&, std::int64_t) {}

void Register::take(const entry::Erased&, std::int64_t) { ++erasures_; }

void Register::take(const entry::Alarm& alarm, std::int64_t) {
  // The service may have said it, stopped, and said it again before it could remember that it had.
  const bool known = std::ranges::any_of(
      alarms_, [&](const auto& one) { return one.about == alarm.about && one.message == alarm.message; });
  if (!known) keep_newest(alarms_, alarm, limits::alarms_max);
}

void Register::take(const entry::Retention& retention, std::int64_t) { retention_ = retention; }

void Register::take(const entry::Intervention& intervention, std::int64_t) {
  keep_newest(interventions_, intervention, limits::interventions_max);
}

void Register::take(const entry::Build& build, std::int64_t) { keep_newest(builds_, build, limits::builds_max); }

void Register::take(const entry::Model& model, std::int64_t) { keep_newest(models_, model, limits::models_max); }

// ---------------------------------------------------------------------------------------------------------------
// Following

/// One reading of the log from its beginning. Its register may be ahead of what is believed; it is shown once the
/// entries have led to the root that the witnesses cosigned.
struct PublicRegister::Reading {
  Register entries;
  tlog::Follower follower;

  Reading(const PublicRegisterOptions& options, const Clock& clock)
      : entries(options.rules),
        follower(options.rules.log, options.rules.witnesses, options.fetch,
                 {.on_entry = [this, &clock](std::uint64_t, std::string_view entry) -> Result<void> {
                   entries.read(entry, clock.now() / 1000);
                   return {};
                 }}) {}
};

PublicRegister::PublicRegister(PublicRegisterOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      reading_(std::make_unique<Reading>(options_, clock_)),
      view_{.entries = std::make_shared<const Register>(options_.rules),
            .cosigned = std::vector<Cosigned>(options_.rules.witnesses.witnesses().size()),
            .alarms = {},
            .trouble = "the log is being read"} {}

PublicRegister::~PublicRegister() = default;

Result<std::unique_ptr<PublicRegister>> PublicRegister::open(PublicRegisterOptions options, const Clock& clock) {
  std::unique_ptr<PublicRegister> out(new PublicRegister(std::move(options), clock));
  VT_CHECK(out->load_seen());
  out->thread_ = std::jthread([self = out.get()](const std::stop_token& stop) { self->keep_reading(stop); });
  return out;
}

Result<void> PublicRegister::load_seen() {
  if (options_.seen_file.empty()) return {};
  const auto note = read_file(options_.seen_file, tlog::note_bytes_max);
  if (!note && note.error().code == Errc::not_found) return {};
  if (!note) return std::unexpected(note.error());
  auto opened = tlog::open_checkpoint(*note, options_.rules.log);
  // Of another log, or damaged: there is nothing in it to hold this one against.
  if (!opened) return fail(Errc::internal, "{} does not hold a checkpoint of this log; remove it", options_.seen_file);
  seen_ = std::move(opened->checkpoint);
  return {};
}

void PublicRegister::keep_reading(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto read = catch_up();
    std::unique_lock lock(sleep_mutex_);
    const bool contradiction = !read && contradicts(read.error());
    sleep_.wait_for(lock, stop, contradiction ? std::chrono::milliseconds(pause_after_contradiction) : pause,
                    [] { return false; });
  }
}

Result<void> PublicRegister::catch_up() {
  const std::lock_guard lock(reading_mutex_);
  auto read = follow();
  if (!read && read.error().code == Errc::unprocessable && seen_) {
    // Entries that do not fit were read: begin anew, and hold the beginning against what was seen before.
    reading_ = std::make_unique<Reading>(options_, clock_);
    read = follow();
  }
  if (!read) {
    if (contradicts(read.error())) reading_ = std::make_unique<Reading>(options_, clock_);
    note_trouble(read.error());
    return read;
  }
  show();
  return {};
}

Result<void> PublicRegister::follow() {
  VT_CHECK(reading_->follower.follow(seen_ ? &*seen_ : nullptr));
  const auto& newest = reading_->follower.newest().checkpoint;
  const bool grown = !seen_ || seen_->size != newest.checkpoint.size;
  seen_ = newest.checkpoint;
  if (!grown || options_.seen_file.empty()) return {};
  if (auto kept = publish_file(options_.seen_file, newest.note.bytes()); !kept)
    log::warning("register.seen", {{"error", kept.error().message}});
  return {};
}

void PublicRegister::show() {
  const auto& newest = reading_->follower.newest();
  const auto size = newest.checkpoint.checkpoint.size;
  const std::lock_guard lock(view_mutex_);
  if (view_.size != size) view_.entries = std::make_shared<const Register>(reading_->entries);
  view_.size = size;
  for (const auto& [witness, time_s] : newest.cosigned_s) view_.cosigned[witness] = {size, time_s};
  view_.trouble.clear();
}

/// A log that is away for a while is told of once.
void PublicRegister::note_trouble(const Error& error) {
  const bool is_new = error.code == Errc::not_found && !seen_;
  const auto told = is_new ? "it has published nothing yet" : error.message;
  const std::lock_guard lock(view_mutex_);
  if (std::exchange(view_.trouble, told) == told || is_new) return;
  log::warning("register.log", {{"error", error.message}});
  if (!contradicts(error)) return;
  view_.alarms.insert(view_.alarms.begin(), {bucket_of(clock_.now()), "log", error.message});
  if (view_.alarms.size() > own_alarms_max) view_.alarms.pop_back();
}

PublicRegister::View PublicRegister::view() const {
  const std::lock_guard lock(view_mutex_);
  return view_;
}

}  // namespace vitrine::custody
