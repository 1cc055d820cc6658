#include "media/edits.hpp"

#include <gtest/gtest.h>

#include "media/compose.hpp"

namespace vitrine::media {
namespace {

const std::string original = "01hzzzzzzzzzzzzzzzzzzzzzzz";

std::string refusal(const Fields& fields) {
  const auto edits = read_edits(fields);
  if (edits) return "accepted";
  EXPECT_EQ(edits.error().code, Errc::invalid_argument);
  return edits.error().message;
}

TEST(Edits, nothing_asked_for_is_no_edit) {
  const auto edits = read_edits({{"caption", "hi"}, {"trim_start_ms", ""}});
  ASSERT_TRUE(edits);
  EXPECT_EQ(*edits, Edits{});
  EXPECT_FALSE(edits->changes_the_file());
  EXPECT_EQ(edits_text(*edits), "");
  EXPECT_EQ(edits_of("").value(), Edits{});
}

TEST(Edits, are_read_and_kept_as_they_are) {
  for (const Fields& fields : {Fields{{"trim_start_ms", "1000"}, {"trim_end_ms", "4000"}, {"cover_ms", "2500"}},
                               Fields{{"cover_ms", "0"}}, Fields{{"duet_of", original}, {"trim_end_ms", "600000"}},
                               Fields{{"stitch_of", original}, {"stitch_start_ms", "700"}, {"stitch_end_ms", "5700"}},
                               Fields{{"sound_of", original}, {"own_sound", "low"}}}) {
    const auto edits = read_edits(fields);
    ASSERT_TRUE(edits) << edits.error().message;
    EXPECT_NE(*edits, Edits{});
    EXPECT_EQ(edits_of(edits_text(*edits)).value(), *edits);
  }
  EXPECT_FALSE(read_edits({{"cover_ms", "900"}})->changes_the_file());
  EXPECT_EQ(read_edits({{"stitch_of", original}, {"stitch_start_ms", "700"}})->loan->end_ms, 5'700);
}

TEST(Edits, refuse_what_is_no_time_and_say_which_field) {
  for (const char* key : {"trim_start_ms", "trim_end_ms", "cover_ms"}) {
    for (const char* bad : {"-1", "NaN", "1.5", "1e3", " 1", "1 ", "0x10", "600001", "99999999999999999999999", "∞"})
      EXPECT_TRUE(refusal({{key, bad}}).starts_with(key)) << key << " " << bad;
  }
  for (const char* bad : {"-1", "nan", "600001"})
    EXPECT_TRUE(refusal({{"stitch_of", original}, {"stitch_start_ms", bad}}).starts_with("stitch_start_ms")) << bad;
}

TEST(Edits, refuse_what_is_too_short_too_long_or_the_wrong_way_round) {
  EXPECT_EQ(refusal({{"trim_start_ms", "1000"}, {"trim_end_ms", "1500"}}), "accepted");
  EXPECT_TRUE(refusal({{"trim_start_ms", "1000"}, {"trim_end_ms", "1499"}}).starts_with("trim_end_ms"));
  EXPECT_TRUE(refusal({{"trim_start_ms", "1000"}, {"trim_end_ms", "0"}}).starts_with("trim_end_ms"));
  EXPECT_TRUE(refusal({{"trim_start_ms", "1000"}, {"cover_ms", "999"}}).starts_with("cover_ms"));
  EXPECT_TRUE(refusal({{"trim_end_ms", "1000"}, {"cover_ms", "1001"}}).starts_with("cover_ms"));
  const auto stitch = [](const char* start, const char* end) {
    return refusal({{"stitch_of", original}, {"stitch_start_ms", start}, {"stitch_end_ms", end}});
  };
  EXPECT_EQ(stitch("0", "500"), "accepted");
  EXPECT_EQ(stitch("10", "5010"), "accepted");
  for (const auto& bad : {stitch("0", "499"), stitch("10", "5011"), stitch("500", "0")})
    EXPECT_TRUE(bad.starts_with("a stitch takes")) << bad;
}

TEST(Edits, take_from_one_other_video) {
  for (const char* key : {"duet_of", "stitch_of", "sound_of"}) {
    EXPECT_EQ(refusal({{key, original}}), "accepted");
    for (const std::string& bad : {std::string("x"), original + "a", std::string("../../../../etc/passwd..")})
      EXPECT_TRUE(refusal({{key, bad}}).starts_with(key)) << bad;
  }
  EXPECT_TRUE(refusal({{"duet_of", original}, {"sound_of", original}}).contains("one other video"));
  EXPECT_TRUE(refusal({{"sound_of", original}, {"own_sound", "loud"}}).starts_with("own_sound"));
}

TEST(Edits, that_nobody_wrote_are_errors) {
  for (const char* bad : {"{", "[]", "{}", R"({"trim_start_ms":"1"})", R"({"trim_start_ms":0,"loan":{"kind":"x"}})"})
    EXPECT_FALSE(edits_of(bad)) << bad;
}

TEST(Window, is_what_a_trim_leaves_of_the_file) {
  const auto whole = window_of({}, 0.2);
  ASSERT_TRUE(whole) << "a short clip that nobody cut stays";
  EXPECT_EQ(whole->length_s(), 0.2);
  const auto cut = window_of({.trim_start_ms = 1'000, .trim_end_ms = 3'000}, 10);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->start_s, 1);
  EXPECT_EQ(cut->length_s(), 2);
  EXPECT_EQ(window_of({.trim_end_ms = 10'200}, 10)->end_s, 10) << "players round up";
  for (const Edits& bad : {Edits{.trim_end_ms = 10'300}, Edits{.trim_start_ms = 10'000}, Edits{.trim_start_ms = 9'600},
                           Edits{.cover_ms = 10'300}}) {
    const auto window = window_of(bad, 10);
    ASSERT_FALSE(window);
    EXPECT_EQ(std::get<Refusal>(window.error()).code, "bad_edit");
    EXPECT_TRUE(std::get<Refusal>(window.error()).detail.starts_with("The clip is 10.0 s long"));
  }
}

TEST(Window, holds_the_cover) {
  const Window window{1, 3};
  EXPECT_EQ(cover_of({}, window, 5), 0);
  EXPECT_EQ(cover_of({.cover_ms = 2'000}, window, 0), 1);
  EXPECT_EQ(cover_of({.cover_ms = 2'000}, window, 5), 6);
  EXPECT_EQ(cover_of({.cover_ms = 3'200}, window, 0), 2) << "a little past the end: the end";
}

}  // namespace
}  // namespace vitrine::media
