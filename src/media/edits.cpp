#include "media/edits.hpp"

#include <array>
#include <charconv>

#include "base/id.hpp"
#include "base/json.hpp"

namespace vitrine::media {
namespace {

constexpr std::array kinds{Loan::Kind::duet, Loan::Kind::stitch, Loan::Kind::sound};

std::string_view text_in(const Fields& fields, std::string_view key) {
  const auto found = fields.find(key);
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

/// Nothing when the field is missing or empty.
Result<std::optional<std::int64_t>> time_in(const Fields& fields, std::string_view key) {
  const auto text = text_in(fields, key);
  if (text.empty()) return std::nullopt;
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > edit_ms_max)
    return fail(Errc::invalid_argument, "{} must be a whole number of milliseconds, 0 to {}", key, edit_ms_max);
  return value;
}

Result<std::optional<Loan>> named_loan(const Fields& fields) {
  std::optional<Loan> loan;
  for (const auto kind : kinds) {
    const std::string key = fmt::format("{}_of", name(kind));
    const auto video = text_in(fields, key);
    if (video.empty()) continue;
    if (!is_id(video)) return fail(Errc::invalid_argument, "{} must be the id of a video", key);
    if (loan)
      return fail(Errc::invalid_argument,
                  "a clip is made with one other video: give one of duet_of, stitch_of, sound_of");
    loan = Loan{.kind = kind, .video = std::string(video)};
  }
  return loan;
}

Result<void> read_stitch(const Fields& fields, Loan& loan) {
  VT_TRY(const auto start, time_in(fields, "stitch_start_ms"));
  VT_TRY(const auto end, time_in(fields, "stitch_end_ms"));
  loan.start_ms = start.value_or(0);
  loan.end_ms = end.value_or(loan.start_ms + stitch_ms_max);
  const auto length_ms = loan.end_ms - loan.start_ms;
  if (length_ms < stitch_ms_min || length_ms > stitch_ms_max)
    return fail(Errc::invalid_argument,
                "a stitch takes {} to {} ms of the other video, from stitch_start_ms to "
                "stitch_end_ms",
                stitch_ms_min, stitch_ms_max);
  return {};
}

Result<void> read_own_sound(const Fields& fields, Loan& loan) {
  const auto text = text_in(fields, "own_sound");
  if (text != "" && text != "off" && text != "low") return fail(Errc::invalid_argument, "own_sound must be off or low");
  loan.keeps_own_sound = text == "low";
  return {};
}

Result<void> check_times(const Edits& edits) {
  if (edits.trim_end_ms && *edits.trim_end_ms - edits.trim_start_ms < trimmed_ms_min)
    return fail(Errc::invalid_argument, "trim_end_ms must be at least {} after trim_start_ms", trimmed_ms_min);
  if (edits.cover_ms &&
      (*edits.cover_ms < edits.trim_start_ms || *edits.cover_ms > edits.trim_end_ms.value_or(edit_ms_max)))
    return fail(Errc::invalid_argument, "cover_ms must lie between trim_start_ms and trim_end_ms");
  return {};
}

json::value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

std::optional<std::int64_t> optional_number(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

Result<Loan> loan_of(const json::object& object) {
  VT_TRY(const auto kind, text_member(object, "kind"));
  const auto found = std::ranges::find(kinds, kind, [](auto one) { return name(one); });
  if (found == kinds.end()) return fail(Errc::internal, "no edit is called \"{}\"", kind);
  Loan loan{.kind = *found};
  VT_TRY(loan.video, text_member(object, "video"));
  VT_TRY(loan.start_ms, int_member(object, "start_ms"));
  VT_TRY(loan.end_ms, int_member(object, "end_ms"));
  VT_TRY(loan.keeps_own_sound, bool_member(object, "keeps_own_sound", false));
  return loan;
}

}  // namespace

std::string_view name(Loan::Kind kind) {
  switch (kind) {
    case Loan::Kind::duet: return "duet";
    case Loan::Kind::stitch: return "stitch";
    case Loan::Kind::sound: return "sound";
  }
  return "duet";
}

Result<Edits> read_edits(const Fields& fields) {
  Edits edits;
  VT_TRY(const auto start, time_in(fields, "trim_start_ms"));
  edits.trim_start_ms = start.value_or(0);
  VT_TRY(edits.trim_end_ms, time_in(fields, "trim_end_ms"));
  VT_TRY(edits.cover_ms, time_in(fields, "cover_ms"));
  VT_CHECK(check_times(edits));
  VT_TRY(edits.loan, named_loan(fields));
  if (edits.loan && edits.loan->kind == Loan::Kind::stitch) VT_CHECK(read_stitch(fields, *edits.loan));
  if (edits.loan && edits.loan->kind == Loan::Kind::sound) VT_CHECK(read_own_sound(fields, *edits.loan));
  return edits;
}

std::string edits_text(const Edits& edits) {
  if (edits == Edits{}) return "";
  json::value loan = nullptr;
  if (edits.loan) {
    loan = {{"kind", name(edits.loan->kind)},
            {"video", edits.loan->video},
            {"start_ms", edits.loan->start_ms},
            {"end_ms", edits.loan->end_ms},
            {"keeps_own_sound", edits.loan->keeps_own_sound}};
  }
  return json::serialize(json::value{{"trim_start_ms", edits.trim_start_ms},
                                     {"trim_end_ms", number_or_null(edits.trim_end_ms)},
                                     {"cover_ms", number_or_null(edits.cover_ms)},
                                     {"loan", std::move(loan)}});
}

Result<Edits> edits_of(std::string_view text) {
  Edits edits;
  if (text.empty()) return edits;
  VT_TRY(const auto value, parse_json(text));
  if (!value.is_object()) return fail(Errc::internal, "these edits are no JSON object");
  const auto& object = value.get_object();
  VT_TRY(edits.trim_start_ms, int_member(object, "trim_start_ms"));
  edits.trim_end_ms = optional_number(object, "trim_end_ms");
  edits.cover_ms = optional_number(object, "cover_ms");
  if (const auto* loan = object.if_contains("loan"); loan && loan->is_object()) {
    VT_TRY(edits.loan, loan_of(loan->get_object()));
  }
  return edits;
}

}  // namespace vitrine::media
