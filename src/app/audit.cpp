#include "app/audit.hpp"

#include <fstream>
#include <iostream>

#include "base/json.hpp"
#include "feed/receipt.hpp"
#include "store/blobs.hpp"
#include "store/stream.hpp"

namespace vitrine::app {
namespace {

struct Verdict {
  std::string place;  ///< "FILE:LINE"
  std::string page;
  std::string difference;  ///< empty: the same
};

struct Kept {
  std::size_t verdict = 0;
  feed::Receipt receipt;
};

Result<void> read_lines(std::istream& in, const std::string& name, std::vector<Verdict>& verdicts,
                        std::vector<Kept>& kept) {
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    auto& verdict = verdicts.emplace_back(Verdict{fmt::format("{}:{}", name, number), "", ""});
    auto receipt = feed::read_receipt(line);
    if (receipt) {
      verdict.page = receipt->page;
      kept.push_back({verdicts.size() - 1, std::move(*receipt)});
    } else {
      verdict.difference = receipt.error().message;
    }
  }
  if (in.bad()) return fail(Errc::internal, "{} cannot be read to its end", name);
  return {};
}

Result<void> read_all(const std::vector<std::string>& names, std::vector<Verdict>& verdicts, std::vector<Kept>& kept) {
  for (const auto& name : names) {
    if (name == "-") {
      VT_CHECK(read_lines(std::cin, "standard input", verdicts, kept));
      continue;
    }
    std::ifstream file(name, std::ios::binary);
    if (!file) return fail(Errc::invalid_argument, "{} cannot be opened", name);
    VT_CHECK(read_lines(file, name, verdicts, kept));
  }
  if (verdicts.empty()) return fail(Errc::invalid_argument, "there is no receipt in what was given");
  return {};
}

/// The state moves forward only, from one page to the next.
Result<void> replay_all(const ReplayOptions& options, std::vector<Kept>& kept, std::vector<Verdict>& verdicts) {
  if (kept.empty()) return {};
  std::ranges::stable_sort(kept, {}, [](const Kept& one) { return one.receipt.records; });
  VT_TRY(const auto stream, store::open_segments(options.data + "/events", {.read_only = true}));
  VT_TRY(const auto blobs, store::open_file_blobs(options.data + "/snapshots"));
  feed::Fold fold;
  if (auto found = feed::Snapshots(*blobs).newest(kept.front().receipt.records)) fold = std::move(*found);
  for (const auto& [verdict, receipt] : kept) {
    auto& difference = verdicts[verdict].difference;
    if (receipt.records > stream->end()) {
      difference = fmt::format("it was made after {} records; the stream holds {}", receipt.records, stream->end());
      continue;
    }
    VT_CHECK(fold.advance(*stream, receipt.records));
    difference = feed::replay(fold, receipt);
  }
  return {};
}

void print(const std::vector<Verdict>& verdicts, std::size_t different, bool as_json) {
  if (as_json) {
    json::array pages;
    for (const auto& one : verdicts)
      pages.push_back(json::object{{"receipt", one.place},
                                   {"page", one.page},
                                   {"same", one.difference.empty()},
                                   {"difference", one.difference}});
    const json::object out{
        {"receipts", verdicts.size()}, {"same", verdicts.size() - different}, {"pages", std::move(pages)}};
    std::cout << json::serialize(out) << "\n";
    return;
  }
  for (const auto& one : verdicts)
    if (!one.difference.empty()) std::cout << fmt::format("{}: {}\n", one.place, one.difference);
  std::cout << fmt::format("{} of {} pages came out the same\n", verdicts.size() - different, verdicts.size());
}

}  // namespace

Result<void> audit_replay(const ReplayOptions& options) {
  std::vector<Verdict> verdicts;
  std::vector<Kept> kept;
  VT_CHECK(read_all(options.receipts, verdicts, kept));
  VT_CHECK(replay_all(options, kept, verdicts));
  const auto different = static_cast<std::size_t>(
      std::ranges::count_if(verdicts, [](const Verdict& one) { return !one.difference.empty(); }));
  print(verdicts, different, options.json);
  if (different > 0) return fail(Errc::unprocessable, "{} receipts do not hold: see above", different);
  return {};
}

}  // namespace vitrine::app
