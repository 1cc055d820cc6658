#include "app/eval.hpp"

#include <chrono>
#include <cstdio>
#include <unistd.h>

#include "base/json.hpp"
#include "feed/evaluation.hpp"

namespace vitrine::app {
namespace {

using Clock = std::chrono::steady_clock;

/// One moving line on a terminal, a line every ten seconds elsewhere.
class ProgressLine {
 public:
  void operator()(std::string_view what, std::size_t done, std::size_t all) {
    const auto now = Clock::now();
    if (now - last_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(10))) return;
    last_ = now;
    const auto line = fmt::format("{}: {} of {} rows, {} %", what, done, all, all == 0 ? 100 : 100 * done / all);
    std::fprintf(stderr, terminal_ ? "\r%-72s" : "%s\n", line.c_str());
  }
  ~ProgressLine() {
    if (terminal_) std::fprintf(stderr, "\r%-72s\r", "");
  }

 private:
  bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  Clock::time_point last_ = Clock::now();
};

void print(const EvalOptions& options, std::size_t events, double seconds, const feed::Metrics& metrics) {
  if (options.json) {
    json::object all;
    for (const auto& [name, value] : metrics) all[name] = value;
    const json::object out{
        {"protocol", options.protocol}, {"events", events}, {"seconds", seconds}, {"metrics", std::move(all)}};
    std::printf("%s\n", json::serialize(out).c_str());
    return;
  }
  std::printf("%s over %zu events in %.1f s\n", options.protocol.c_str(), events, seconds);
  for (const auto& [name, value] : metrics) std::printf("  %-40s %10.4f\n", name.c_str(), value);
}

Result<feed::Metrics> measure(const EvalOptions& options, const feed::InteractionLog& log) {
  ProgressLine line;
  const feed::Progress progress = std::ref(line);
  if (options.protocol == "leave-one-out") return feed::leave_one_out(log, progress);
  if (options.protocol == "split") {
    if (!options.test) return fail(Errc::invalid_argument, "--protocol split needs --test FILE");
    VT_TRY(const auto test, feed::read_log(*options.test, &log));
    return feed::split(log, test, progress);
  }
  VT_TRY(const auto settings, feed::read_settings(options.settings.value_or("")));
  if (!options.warm) return feed::prequential(log, nullptr, settings, progress);
  VT_TRY(const auto warm, feed::read_log(*options.warm, &log));
  return feed::prequential(log, &warm, settings, progress);
}

}  // namespace

Result<void> eval(const EvalOptions& options) {
  const auto started = Clock::now();
  VT_TRY(const auto log, feed::read_log(options.log));
  VT_TRY(const auto metrics, measure(options, log));
  const std::chrono::duration<double> took = Clock::now() - started;
  print(options, log.rows.size(), took.count(), metrics);
  return {};
}

}  // namespace vitrine::app
