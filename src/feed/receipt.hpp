// What shaped a page, written down for its viewer: from it and the stream the page can be made again, bit for bit.
// Format: docs/formats/receipt.md.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "feed/fold.hpp"

namespace vitrine::feed {

struct Receipt {
  std::string page;
  std::string viewer;
  Mode mode = Mode::for_you;
  std::size_t limit = 0;
  Minute now = 0;
  std::vector<ClipNumber> withheld;     ///< in ascending order
  std::vector<ClipNumber> just_before;  ///< newest last
  std::vector<RepostedClip> reposts;    ///< newest first

  std::uint32_t engine = 0;     ///< its version
  store::Sequence records = 0;  ///< of the stream, folded when the page was made
  std::string history;          ///< hash chained over them, hexadecimal
  std::string settings;         ///< SHA-256 of the settings in force, hexadecimal

  struct Line {
    std::string video;
    Source source = Source::fresh;
    std::string text;
    std::string score;  ///< hexadecimal floating point: exact
  };
  std::vector<Line> items;
  bool end = false;
};

/// All that a page depends on beside the state.
struct PageInputs {
  std::string_view page, viewer;
  Mode mode = Mode::for_you;
  std::size_t limit = 10;
  Minute now = 0;
  std::vector<ClipNumber> withheld, just_before;
  std::vector<RepostedClip> reposts{};

  /// `counts` holds `withheld` and outlives the query.
  [[nodiscard]] Query query(const ClipCounts& counts) const;
};

[[nodiscard]] Receipt receipt_of(const Fold& fold, const PageInputs& inputs, const Ranking& ranking);

/// One line of JSON, without its end; its last member is a checksum over the rest.
[[nodiscard]] std::string write(const Receipt& receipt);
/// Takes nothing but what write() gives, byte for byte. Errors: invalid_argument (damaged or tampered with: says how),
/// unsupported (a newer format).
[[nodiscard]] Result<Receipt> read_receipt(std::string_view line);

/// Makes the page again. `fold` stands at `receipt.records`. Gives the first difference in words, or "".
[[nodiscard]] std::string replay(const Fold& fold, const Receipt& receipt);

}  // namespace vitrine::feed
