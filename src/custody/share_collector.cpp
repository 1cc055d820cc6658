#include "custody/share_collector.hpp"

#include <bit>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace vitrine::custody {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t share_bytes = 1 + sizeof(Share);
constexpr std::chrono::seconds custodians_answer_within{15};
constexpr std::size_t waiting_max = 64;  // openings that wait for one custodian

/// Shares by number, of one record.
using Shares = std::map<int, Share>;

/// Any t of the shares that came: a custodian that lies spoils only the combinations it is in.
Result<std::string> open_with(const SealedRecord& record, const Shares& shares, int threshold) {
  const std::vector<std::pair<int, Share>> list(shares.begin(), shares.end());
  for (unsigned chosen = 0; chosen < 1U << list.size(); ++chosen) {
    if (std::popcount(chosen) != threshold) continue;
    Shares some;
    for (std::size_t i = 0; i < list.size(); ++i)
      if ((chosen >> i & 1U) != 0) some.insert(list[i]);
    VT_TRY(const auto key, join_key(some));
    if (auto plaintext = open_record(record, key)) return plaintext;
  }
  return fail(Errc::unavailable, "the custodians' shares do not fit together");
}

/// What custodians answered so far, for one opening; outlives whoever gave up waiting.
struct Answers {
  explicit Answers(std::size_t records) : by_record(records) {}

  const SteadyClock::time_point until = SteadyClock::now() + custodians_answer_within;
  std::mutex mutex;
  std::condition_variable news;
  std::vector<Shares> by_record;
  std::size_t good = 0, bad = 0;
  std::vector<std::string> troubles;
  Errc refusal = Errc::unavailable;

  void add(const crypto::BoxKey& key, const Result<std::string>& answer, int number, std::string_view custodian) {
    const auto shares = answer ? key.open(*answer) : answer;
    const std::lock_guard lock(mutex);
    if (shares && shares->size() == by_record.size() * share_bytes) {
      for (std::size_t i = 0; i < by_record.size(); ++i) {
        // The number comes first; whatever it says, a custodian has its own.
        const std::string_view one = std::string_view(*shares).substr(i * share_bytes, share_bytes);
        by_record[i].emplace(number, *crypto::hash_from(one.substr(1)));
      }
      ++good;
    } else {
      ++bad;
      if (!answer && is_refusal(answer.error().code)) refusal = answer.error().code;
      troubles.push_back(
          fmt::format("{}: {}", custodian, answer ? "it answered with something else" : answer.error().message));
    }
    news.notify_all();
  }
  [[nodiscard]] bool over() const { return SteadyClock::now() >= until; }
};

}  // namespace

/// One custodian and the thread that talks to it.
struct ShareCollector::Lane {
  explicit Lane(CustodianPort to) : port(std::move(to)), thread([this](const std::stop_token& stop) { run(stop); }) {}

  /// False when too much waits for it already.
  bool post(std::function<void(CustodianPort&)> work) {
    {
      const std::lock_guard lock(mutex);
      if (queue.size() == waiting_max) return false;
      queue.push_back(std::move(work));
    }
    wake.notify_one();
    return true;
  }

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (wake.wait(lock, stop, [this] { return !queue.empty(); })) {
      auto work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work(port);
      lock.lock();
      if (stop.stop_requested()) return;
    }
  }

  CustodianPort port;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::deque<std::function<void(CustodianPort&)>> queue;
  std::jthread thread;
};

ShareCollector::ShareCollector(const Rules& rules, const std::vector<CustodianPort>& custodians) : rules_(rules) {
  VT_ASSERT(custodians.size() == rules.custodians.size());
  for (const auto& port : custodians) lanes_.push_back(std::make_unique<Lane>(port));
}

ShareCollector::~ShareCollector() = default;

Result<std::vector<std::string>> ShareCollector::open(const json::object& body, const crypto::BoxKey& key,
                                                      const std::vector<const SealedRecord*>& records) {
  const auto answers = std::make_shared<Answers>(records.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    // Each custodian gets its own boxes.
    auto own = body;
    auto& boxes = own["boxes"].emplace_array();
    for (const auto* one : records) boxes.emplace_back(crypto::base64(crypto::bytes_of(one->boxes[i])));
    const auto ask = [answers, key, text = json::serialize(own), name = rules_.custodians[i].name,
                      number = static_cast<int>(i) + 1](CustodianPort& port) {
      if (answers->over()) return;
      answers->add(key, port(text), number, name);
    };
    if (!lanes_[i]->post(ask))
      answers->add(key, fail(Errc::unavailable, "too much waits for it"), static_cast<int>(i) + 1,
                   rules_.custodians[i].name);
  }
  std::unique_lock lock(answers->mutex);
  const auto threshold = static_cast<std::size_t>(rules_.threshold);
  for (std::size_t wanted = threshold; wanted <= lanes_.size(); ++wanted) {
    answers->news.wait_until(lock, answers->until,
                             [&] { return answers->good >= wanted || answers->good + answers->bad == lanes_.size(); });
    if (answers->good < threshold) break;
    std::vector<std::string> out;
    for (std::size_t i = 0; i < records.size(); ++i) {
      auto plaintext = open_with(*records[i], answers->by_record[i], rules_.threshold);
      if (!plaintext) break;
      out.push_back(std::move(*plaintext));
    }
    if (out.size() == records.size()) return out;
  }
  const auto silent = lanes_.size() - answers->good - answers->bad;
  if (silent > 0) answers->troubles.push_back(fmt::format("{} did not answer in time", silent));
  if (answers->good >= threshold)
    return fail(Errc::unavailable, "the custodians' shares do not fit together: one of them is damaged, or lies ({})",
                fmt::join(answers->troubles, "; "));
  return fail(answers->refusal, "{} of {} custodians released their shares, {} are needed ({})", answers->good,
              lanes_.size(), threshold, fmt::join(answers->troubles, "; "));
}

}  // namespace vitrine::custody
