#include "app/bench_app.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sched.h>
#include <thread>
#include <unistd.h>

#include "app/bench_app_fill.hpp"
#include "app/bench_app_load.hpp"
#include "app/bench_report.hpp"
#include "app/data_directory.hpp"
#include "app/house.hpp"
#include "app/process_figures.hpp"
#include "app/service_process.hpp"
#include "app/temporary_directory.hpp"
#include "base/files.hpp"
#include "custody/front.hpp"
#include "social/accounts.hpp"
#include "store/database.hpp"

namespace vitrine::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double answer_ms_most = 50;  // what the project promises for each of the groups, 99 times of 100
constexpr double warming_up_s = 5, nothing_s = 10;
constexpr double others_cores_most = 0.2;
constexpr int start_timeout_ms = 600'000;
constexpr int syncs = 50;
constexpr std::size_t sync_bytes = 4096;

void tell(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Of sorted values.
double percentile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

/// The median of appending a little and waiting for the disk: no durable write can be quicker.
Result<double> sync_ms(const DataDirectory& directory) {
  const auto path = directory.file("work/sync");
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.open()) return std::unexpected(system_error("opening a file of the bench", errno));
  std::vector<double> times;
  const std::string bytes(sync_bytes, 'x');
  for (int i = 0; i < syncs; ++i) {
    const auto start = Clock::now();
    if (::write(file.get(), bytes.data(), bytes.size()) < 0 || ::fdatasync(file.get()) != 0)
      return std::unexpected(system_error("writing a file of the bench", errno));
    times.push_back(seconds_since(start) * 1e3);
  }
  ::unlink(path.c_str());
  std::ranges::sort(times);
  return percentile(times, 0.5);
}

// --- a PostgreSQL on this machine -------------------------------------------------------------------------------

/// Kept on the service's core for as long as this lives, so that "one core" means all of the service.
class DatabaseServer {
 public:
  /// Nothing to keep: SQLite, or a server elsewhere.
  DatabaseServer() = default;
  DatabaseServer(pid_t postmaster, int core) : postmaster_(postmaster) {
    CPU_ZERO(&before_);
    ::sched_getaffinity(postmaster_, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(core), &one);
    keep_on(one);
  }
  DatabaseServer(DatabaseServer&& other) noexcept
      : postmaster_(std::exchange(other.postmaster_, 0)), before_(other.before_) {}
  DatabaseServer& operator=(DatabaseServer&&) = delete;
  ~DatabaseServer() {
    if (postmaster_ > 0) keep_on(before_);
  }

  [[nodiscard]] double cpu_s() const { return postmaster_ > 0 ? cpu_seconds_of_family(postmaster_) : 0; }

 private:
  void keep_on(const cpu_set_t& cores) const {
    ::sched_setaffinity(postmaster_, sizeof cores, &cores);
    for (const pid_t child : children_of(postmaster_)) ::sched_setaffinity(child, sizeof cores, &cores);
  }

  pid_t postmaster_ = 0;
  cpu_set_t before_{};
};

std::string program_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name;
}

pid_t parent_of(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("PPid:")) return static_cast<pid_t>(std::strtol(line.c_str() + 5, nullptr, 10));
  return 0;
}

Result<DatabaseServer> database_server(store::Database& database, int core) {
  if (database.engine() != "postgresql") return DatabaseServer();
  VT_TRY(const auto rows, database.query("SELECT pg_backend_pid()"));
  const auto backend = static_cast<pid_t>(rows[0].integer(0));
  if (program_of(backend) != "postgres") {
    tell("PostgreSQL is not on this machine: the core is the service's alone");
    return DatabaseServer();
  }
  return DatabaseServer(parent_of(backend), core);
}

// --- who asks ---------------------------------------------------------------------------------------------------

/// Sessions of some of the world's people, begun as a sign-in does.
Result<std::vector<BenchPerson>> sign_in(store::Database& database, const AppWorld& world, std::int64_t count) {
  const SystemClock clock;
  const auto nobody_new = [](auto&, const auto&, const auto&) -> Result<std::string> {
    return fail(Errc::internal, "nobody signs up here");
  };
  VT_TRY(const auto accounts, social::Accounts::open(database, clock, nobody_new));
  feed::Random random(41);
  std::vector<BenchPerson> people;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto account = random.below(2) > 0 ? world.some_account(random) : world.any_account(random);
    VT_TRY(const auto begun,
           accounts->start_session(world.account_id(account), custody::new_personal(world.viewer(account)).text()));
    people.push_back({account, begun.token});
  }
  return people;
}

// --- measuring --------------------------------------------------------------------------------------------------

struct Figures {
  Answered people, nothing;
  double sync_ms = 0, start_s = 0;
  double service_cores = 0, database_cores = 0, others_cores = 0;
  double resident_mib = 0;
};

Result<void> measure(const Service& service, const DatabaseServer& server, Load load, Figures& out) {
  load.mix = mix_of_people;
  const double wanted_s = load.seconds;
  load.seconds = warming_up_s;
  load.seed = 2;
  tell(fmt::format("warming up for {} s", warming_up_s));
  (void)ask(load);
  load.seconds = std::min(nothing_s, wanted_s);
  load.mix = mix_of_nothing;
  tell("asking for nothing");
  out.nothing = ask(load);
  load.seconds = wanted_s;
  load.mix = mix_of_people;
  load.seed = 3;
  tell(fmt::format("{} people ask, {} times a second, for {} s", load.people.size(), load.rate_per_s, wanted_s));
  const auto family_s = [&] { return cpu_seconds_of_family(service.process.pid()); };
  const Others others;
  const double service_before_s = family_s(), database_before_s = server.cpu_s();
  const auto start = Clock::now();
  out.people = ask(load);
  const double service_s = family_s() - service_before_s, database_s = server.cpu_s() - database_before_s;
  out.others_cores = others.cores(service_s + database_s);
  out.service_cores = service_s / seconds_since(start);
  out.database_cores = database_s / seconds_since(start);
  out.resident_mib = static_cast<double>(resident_kib(service.process.pid())) / 1024;
  return {};
}

Result<Figures> measure_all(const Config& config, const BenchAppOptions& options, const AppWorld& world) {
  Figures out;
  Load load{.world = world, .rate_per_s = options.rate_per_s, .seconds = options.seconds, .core = options.core == 0};
  std::optional<DatabaseServer> server;
  {
    VT_TRY(const auto directory, DataDirectory::open(config.data));
    VT_TRY(out.sync_ms, sync_ms(directory));
    VT_TRY(const auto database, open_configured_database(config, directory));
    VT_TRY(load.people, sign_in(*database, world, options.people));
    VT_TRY(auto found, database_server(*database, options.core));
    server.emplace(std::move(found));
  }
  const TemporaryDirectory temporary;
  const auto file = (temporary.path() / "vitrine.toml").string();
  std::ofstream(file) << fmt::format("trusted_proxies = [\"127.0.0.1\"]\nlog_level = \"warning\"\ndatabase = \"{}\"\n",
                                     config.database);
  tell("starting the service");
  VT_TRY(const auto service, start_service({config.data, file, options.core, start_timeout_ms}));
  out.start_s = service.start_ms / 1e3;
  load.url = service.url;
  VT_CHECK(measure(service, *server, std::move(load), out));
  return out;
}

// --- the report -------------------------------------------------------------------------------------------------

/// What is told of answers of one kind, or of a group of kinds.
struct Times {
  std::string name;
  std::vector<double> ms;  ///< sorted
};

/// Groups first, which the promise speaks of, then what they are made of.
std::vector<Times> times_of(const Answered& answered) {
  std::vector<Times> groups, kinds;
  for (const auto& share : mix_of_people) {
    const auto& ms = answered.ms[static_cast<std::size_t>(share.asking)];
    auto group = std::ranges::find(groups, share.group, &Times::name);
    if (group == groups.end()) group = groups.insert(groups.end(), {std::string(share.group), {}});
    group->ms.insert(group->ms.end(), ms.begin(), ms.end());
    kinds.push_back({std::string(name(share.asking)), ms});
  }
  for (auto& group : groups) std::ranges::sort(group.ms);
  std::ranges::move(kinds, std::back_inserter(groups));
  return groups;
}

void print_times(const std::vector<Times>& all) {
  std::cout << fmt::format("{:<20}{:>8}{:>10}{:>10}{:>10}{:>10}\n", "ms until answered", "answers", "p50", "p90", "p99",
                           "max");
  for (const auto& [name, ms] : all)
    std::cout << fmt::format("{:<20}{:>8}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}\n", name, ms.size(), percentile(ms, 0.5),
                             percentile(ms, 0.9), percentile(ms, 0.99), percentile(ms, 1));
  std::cout << "\n";
}

void add_times(const Times& times, double nothing_ms, std::vector<BenchResult>& out) {
  const double p50 = percentile(times.ms, 0.5), p99 = percentile(times.ms, 0.99);
  out.push_back({times.name + "_p50_ms", p50, "ms", "/healthz likewise", nothing_ms, p50 / nothing_ms});
  out.push_back({times.name + "_p90_ms", percentile(times.ms, 0.9), "ms", "", 0, 0});
  out.push_back({times.name + "_p99_ms", p99, "ms", "limit", answer_ms_most, p99 / answer_ms_most});
  out.push_back({times.name + "_max_ms", percentile(times.ms, 1), "ms", "", 0, 0});
  out.push_back({times.name + "_answers", static_cast<double>(times.ms.size()), "", "", 0, 0});
}

void add_circumstances(const Figures& figures, std::vector<BenchResult>& out) {
  const auto alone = [&](std::string name, double value, std::string unit) {
    out.push_back({std::move(name), value, std::move(unit), "", 0, 0});
  };
  const auto& events = figures.people.ms[static_cast<std::size_t>(Asking::events)];
  const double event_ms = percentile(events, 0.5), sync = figures.sync_ms;
  out.push_back({"event_batch_p50_ms", event_ms, "ms", "4 KiB and fdatasync", sync, event_ms / sync});
  const auto& nothing = figures.nothing.ms[static_cast<std::size_t>(Asking::healthz)];
  alone("healthz_p50_ms", percentile(nothing, 0.5), "ms");
  alone("healthz_p99_ms", percentile(nothing, 0.99), "ms");
  alone("answered_429", static_cast<double>(figures.people.refused), "");
  alone("errors", static_cast<double>(figures.people.failed), "");
  alone("service_busy", figures.service_cores, "cores");
  alone("database_busy", figures.database_cores, "cores");
  alone("others_busy", figures.others_cores, "cores");
  alone("resident_mib", figures.resident_mib, "MiB");
  alone("start_s", figures.start_s, "s");
  alone("late_max_ms", figures.people.late_ms, "ms");
}

/// For people, times stand in a table of their own; of the promise is said how it is kept.
void report(const Figures& figures, bool as_json) {
  const auto all = times_of(figures.people);
  const double nothing_ms = percentile(figures.nothing.ms[static_cast<std::size_t>(Asking::healthz)], 0.5);
  std::vector<BenchResult> results;
  for (const auto& times : all) add_times(times, nothing_ms, results);
  if (!as_json) {
    print_times(all);
    std::erase_if(results, [](const BenchResult& one) { return !one.name.ends_with("_p99_ms"); });
  }
  add_circumstances(figures, results);
  print_bench("app", results, as_json);
}

}  // namespace

Result<void> bench_app(const Config& config, const BenchAppOptions& options) {
  VT_TRY(const auto world_options, world_options_of(config));
  tell("drawing the world again");
  const AppWorld world(world_options);
  VT_TRY(const auto figures, measure_all(config, options, world));
  if (figures.others_cores > others_cores_most)
    tell(fmt::format("other programs kept {:.1f} cores busy meanwhile: run it again when they are done",
                     figures.others_cores));
  report(figures, options.json);
  if (figures.people.failed > 0)
    return fail(Errc::internal, "{} requests were not answered as they should be, the first: {}", figures.people.failed,
                figures.people.first_failure);
  return {};
}

}  // namespace vitrine::app
