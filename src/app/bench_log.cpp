#include "app/bench_log.hpp"

#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include "app/bench_report.hpp"
#include "app/service_process.hpp"
#include "app/stream_journal.hpp"
#include "app/temporary_directory.hpp"
#include "base/files.hpp"
#include "log/log.hpp"

namespace vitrine::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int writers = 512;
constexpr int entries_each = 600;
constexpr int single_entries = 1'000;
constexpr int proofs = 200;
constexpr std::size_t entry_bytes = 400;  // an access entry has about so many
constexpr int hashes = 1'000'000;
constexpr std::int64_t patience_ms = 30'000;
constexpr int bench_core = 0;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double percentile(std::vector<double> times, double share) {
  std::ranges::sort(times);
  return times[std::min(times.size() - 1, static_cast<std::size_t>(share * static_cast<double>(times.size())))];
}

/// A log below a folder, with one witness in the same process.
struct Bench {
  TemporaryDirectory folder;
  SystemClock clock;
  tlog::Signer signer{"bench.example/log", tlog::Algorithm::ed25519, crypto::sha256("log")};
  tlog::Signer cosigner{"bench.example/witness", tlog::Algorithm::cosignature, crypto::sha256("witness")};
  std::unique_ptr<tlog::Witness> witness;
  std::unique_ptr<StreamJournal> journal;
  std::unique_ptr<tlog::Log> log;

  [[nodiscard]] std::string path(std::string_view name) const {
    return folder.path().string() + "/" + std::string(name);
  }

  Result<void> open() {
    VT_TRY(witness, tlog::Witness::open(path("witness"), cosigner, {signer.verifier()}, clock));
    VT_TRY(auto stream, store::open_segments(path("journal")));
    journal = std::make_unique<StreamJournal>(std::move(stream));
    tlog::LogOptions options{.directory = path("tiles"),
                             .second_place = path("signed"),
                             .policy = tlog::Policy::quorum_of(1, {{"", cosigner.verifier(), ""}}),
                             .posts = {}};
    options.posts.push_back(
        [this](const std::string& body) -> Result<tlog::WitnessAnswer> { return witness->add_checkpoint(body); });
    VT_TRY(log, tlog::Log::open(std::move(options), signer, *journal, clock));
    return {};
  }
};

struct Sync {
  double p50_ms = 0, p99_ms = 0;
};

/// Appending one entry after the other, each beside a bare append and fdatasync to a file on the same disk.
Result<void> measure_single(Bench& bench, const std::string& entry, Sync& own, Sync& bare) {
  const Descriptor file(::open(bench.path("bare").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!file.open()) return std::unexpected(system_error("making a file", errno));
  std::vector<double> own_ms, bare_ms;
  for (int i = 0; i < single_entries; ++i) {
    auto start = Clock::now();
    if (::write(file.get(), entry.data(), entry.size()) < 0 || ::fdatasync(file.get()) != 0)
      return std::unexpected(system_error("syncing a file", errno));
    bare_ms.push_back(ms_since(start));
    start = Clock::now();
    VT_CHECK(bench.log->append(entry));
    own_ms.push_back(ms_since(start));
  }
  own = {percentile(own_ms, .5), percentile(own_ms, .99)};
  bare = {percentile(bare_ms, .5), percentile(bare_ms, .99)};
  return {};
}

Result<double> measure_many(Bench& bench, const std::string& entry) {
  std::atomic<int> failed = 0;
  const auto before = bench.log->size();
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (int w = 0; w < writers; ++w)
      threads.emplace_back([&] {
        for (int i = 0; i < entries_each; ++i)
          if (!bench.log->append(entry)) ++failed;
      });
  }
  // The clock runs until the last of them stands in tiles under a witnessed checkpoint.
  VT_CHECK(bench.log->prove(bench.log->size() - 1, patience_ms));
  const double seconds = ms_since(start) / 1000;
  if (failed > 0) return fail(Errc::internal, "{} entries could not be appended", failed.load());
  return static_cast<double>(bench.log->size() - before) / seconds;
}

Result<double> measure_proofs(Bench& bench, const std::string& entry) {
  std::vector<double> times;
  for (int i = 0; i < proofs; ++i) {
    const auto start = Clock::now();
    VT_TRY(const auto index, bench.log->append(entry));
    VT_CHECK(bench.log->prove(index, patience_ms));
    times.push_back(ms_since(start));
  }
  return percentile(times, .5);
}

/// What writing an entry costs at least: its own hash and one node above it.
double hashed_entries_per_s(const std::string& entry) {
  const auto start = Clock::now();
  tlog::Hash hash = tlog::leaf_hash(entry);
  for (int i = 0; i < hashes; ++i) hash = tlog::node_hash(hash, tlog::leaf_hash(entry));
  return hashes / ms_since(start) * 1000;
}

}  // namespace

Result<void> bench_log(bool json) {
  pin_to(bench_core);
  Bench bench;
  VT_CHECK(bench.open());
  const std::string entry(entry_bytes, 'e');
  std::fprintf(stderr, "one writer, %d entries, beside bare fdatasync …\n", single_entries);
  Sync own, bare;
  VT_CHECK(measure_single(bench, entry, own, bare));
  std::fprintf(stderr, "%d writers, %d entries …\n", writers, writers * entries_each);
  VT_TRY(const double per_s, measure_many(bench, entry));
  std::fprintf(stderr, "%d entries, each proven under a cosigned checkpoint …\n", proofs);
  VT_TRY(const double proof_ms, measure_proofs(bench, entry));
  const double hashed = hashed_entries_per_s(entry);
  const double synced = writers / bare.p50_ms * 1000;
  print_bench("log",
              {{"entries_per_s", per_s, "entries/s", "SHA-256 alone", hashed, per_s / hashed},
               {"entries_per_s_by_fsync", per_s, "entries/s", "512 a bare fdatasync", synced, per_s / synced},
               {"append_p50_ms", own.p50_ms, "ms", "bare fdatasync p50", bare.p50_ms, own.p50_ms / bare.p50_ms},
               {"append_p99_ms", own.p99_ms, "ms", "bare fdatasync p99", bare.p99_ms, own.p99_ms / bare.p99_ms},
               {"append_p99_over_fsync", own.p99_ms / bare.p99_ms, "x", "", 0, 0},
               {"append_p99_over_fsync_p50", own.p99_ms / bare.p50_ms, "x", "", 0, 0},
               {"proven_p50_ms", proof_ms, "ms", "bare fdatasync p50", bare.p50_ms, proof_ms / bare.p50_ms}},
              json);
  return {};
}

}  // namespace vitrine::app
