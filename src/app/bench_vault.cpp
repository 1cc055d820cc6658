#include "app/bench_vault.hpp"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "app/bench_report.hpp"
#include "app/household.hpp"
#include "app/temporary_directory.hpp"
#include "app/vault_client.hpp"
#include "base/files.hpp"
#include "custody/soft_passkey.hpp"

namespace vitrine::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int singles = 200;
constexpr int batch = 500;
constexpr int batches = 10;
constexpr int box_openings = 5'000;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double percentile(std::vector<double> times, double share) {
  std::ranges::sort(times);
  return times[std::min(times.size() - 1, static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}

Result<double> sync_p50_ms(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string bytes(400, 'e');
  std::vector<double> times;
  for (int i = 0; i < singles; ++i) {
    const auto start = Clock::now();
    if (::write(file.get(), bytes.data(), bytes.size()) < 0 || ::fdatasync(file.get()) != 0)
      return std::unexpected(system_error("syncing a file", errno));
    times.push_back(ms_since(start));
  }
  return percentile(times, .5);
}

/// What opening a record costs at least: threshold boxes.
double box_pairs_per_s() {
  const crypto::BoxKey key(crypto::sha256("box"));
  const auto box = crypto::seal_box(key.public_key(), std::string(700, 's'));
  const auto start = Clock::now();
  for (int i = 0; i < box_openings; ++i) VT_ASSERT(key.open(box).has_value());
  return box_openings / 2.0 / ms_since(start) * 1000;
}

struct People {
  custody::SoftPasskey reader{crypto::sha256("reader")}, second{crypto::sha256("second")};
  custody::Member member = reader.member("reader", custody::Role::staff, "home");
  custody::Member other = second.member("second", custody::Role::staff, "home");
};

Result<void> keep(VaultClient& vault, const custody::Rules& rules, const std::string& subject) {
  const auto receipt_key = crypto::sha256("receipts of " + subject);
  VT_TRY(const auto record, custody::seal(rules,
                                          {.subject = subject,
                                           .data_class = "contact",
                                           .zone = "home",
                                           .purposes = {"abuse-case", "self"},
                                           .receipt_key = receipt_key},
                                          "somebody@example.org", SystemClock().now()));
  return vault.put(record, receipt_key, 0);
}

Result<std::vector<double>> open_singly(VaultClient& vault, const People& people, const std::string& rp_id) {
  std::vector<double> times;
  for (int i = 0; i < singles; ++i) {
    VT_TRY(const auto request, vault.ask(people.member, "single", "contact", "abuse-case", "bench"));
    VT_CHECK(vault.approve(request.id, people.reader.approve(request, "reader", rp_id)));
    VT_CHECK(vault.approve(request.id, people.second.approve(request, "second", rp_id)));
    const auto start = Clock::now();
    VT_CHECK(vault.open_field(request.id));
    times.push_back(ms_since(start));
  }
  return times;
}

}  // namespace

Result<void> bench_vault(bool json) {
  const TemporaryDirectory folder;
  const People people;
  HouseholdOptions options{.directory = folder.path().string(), .delay_s = 0, .members = {people.member, people.other}};
  options.purposes["abuse-case"].per_reader = options.purposes["abuse-case"].per_zone = singles + 1;
  VT_TRY(auto household, Household::prepare(std::move(options)));
  VT_CHECK(household.start());
  VaultClient vault(household.socket("vault"));
  std::fprintf(stderr, "sealing %d fields …\n", batch);
  VT_CHECK(keep(vault, household.rules(), "single"));
  for (int i = 0; i < batch; ++i) VT_CHECK(keep(vault, household.rules(), "many"));
  std::fprintf(stderr, "%d fields, each with its own witnessed entry and two of three custodians …\n", singles);
  VT_TRY(const auto times, open_singly(vault, people, household.rules().rp_id));
  std::fprintf(stderr, "%d batches of %d …\n", batches, batch);
  const auto start = Clock::now();
  for (int i = 0; i < batches; ++i) VT_CHECK(vault.read_own("many", "contact"));
  const double per_s = batch * batches / ms_since(start) * 1000;
  VT_TRY(const double sync_ms, sync_p50_ms(household.path("bare")));
  const double boxes = box_pairs_per_s();
  print_bench(
      "vault",
      {{"open_p50_ms", percentile(times, .5), "ms", "one fdatasync", sync_ms, percentile(times, .5) / sync_ms},
       {"open_p99_ms", percentile(times, .99), "ms", "one fdatasync", sync_ms, percentile(times, .99) / sync_ms},
       {"batched_openings_per_s", per_s, "fields/s", "opening two boxes alone", boxes, per_s / boxes}},
      json);
  household.stop_all();
  return {};
}

}  // namespace vitrine::app
