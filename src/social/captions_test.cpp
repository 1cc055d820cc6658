// What is kept of captions, and that searching finds what is said.
#include "social/captions.hpp"

#include "social/search.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

const std::vector<Cue> english = {{0, 500, "The lighthouse keeper"}, {500, 1000, "climbs <up> again"}};
const std::vector<Cue> french = {{0, 900, "Le gardien du phare"}};

class CaptionsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    captions_ = std::move(Captions::open(*database_, clock_).value());
    search_ = std::move(Search::open(*database_, clock_).value());
    creator_ = somebody("ada");
    clip_ = live_video_of(creator_);
  }
  Result<CaptionTrack> put(std::string_view language, std::span<const Cue> cues,
                           CaptionOrigin origin = CaptionOrigin::person) {
    return captions_->put(clip_, language, cues, origin);
  }
  std::vector<std::string> found(std::string_view query) { return search_->videos(query, "", 10)->ids; }

  std::unique_ptr<Captions> captions_;
  std::unique_ptr<Search> search_;
  SignIn creator_;
  std::string clip_;
};
INSTANTIATE_TEST_SUITE_P(Engines, CaptionsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(CaptionsTest, are_kept_by_language_as_plain_webvtt) {
  ASSERT_TRUE(put("fr", french));
  ASSERT_TRUE(put("en", english));
  const auto tracks = *captions_->of_video(clip_);
  ASSERT_EQ(tracks.size(), 2u);
  EXPECT_EQ(tracks[0].language, "en");
  EXPECT_EQ(tracks[0].cues, 2);
  EXPECT_EQ(tracks[1].language, "fr");
  EXPECT_EQ(*captions_->webvtt(clip_, "en"), write_webvtt(english));
  EXPECT_EQ(captions_->webvtt(clip_, "de").error().code, Errc::not_found);
  EXPECT_EQ(captions_->put(new_id(1), "en", english, CaptionOrigin::person).error().code, Errc::not_found);
}

TEST_P(CaptionsTest, a_new_text_has_a_new_version) {
  const auto first = put("en", english), second = put("en", french);
  ASSERT_TRUE(first && second);
  EXPECT_GT(second->updated_at, first->updated_at) << "within the same millisecond, too";
  EXPECT_EQ(*captions_->webvtt(clip_, "en"), write_webvtt(french));
}

TEST_P(CaptionsTest, a_program_does_not_write_over_a_person_but_the_other_way_round) {
  ASSERT_TRUE(put("en", english, CaptionOrigin::automatic));
  EXPECT_EQ(captions_->of_video(clip_)->front().origin, CaptionOrigin::automatic);
  ASSERT_TRUE(put("en", english, CaptionOrigin::automatic)) << "nor over itself for the worse";
  ASSERT_TRUE(put("en", french));
  EXPECT_EQ(captions_->of_video(clip_)->front().origin, CaptionOrigin::person);
  EXPECT_EQ(put("en", english, CaptionOrigin::automatic).error().code, Errc::conflict);
}

TEST_P(CaptionsTest, there_are_so_many_languages) {
  for (std::int64_t i = 0; i < caption_languages_max; ++i) ASSERT_TRUE(put(fmt::format("x{:02}", i), french));
  EXPECT_EQ(put("zz", french).error().code, Errc::unprocessable);
  EXPECT_TRUE(put("x00", english)) << "those that are there may change";
}

TEST_P(CaptionsTest, what_is_said_is_found_in_each_language_until_it_is_gone) {
  EXPECT_TRUE(found("lighthouse").empty());
  ASSERT_TRUE(put("en", english));
  ASSERT_TRUE(put("fr", french));
  EXPECT_EQ(found("lighthouse"), std::vector{clip_});
  EXPECT_EQ(found("lighthouse phare"), std::vector{clip_});
  EXPECT_EQ(found("LIGHTHOU"), std::vector{clip_});
  ASSERT_TRUE(put("en", french));
  EXPECT_TRUE(found("lighthouse").empty());
  ASSERT_TRUE(captions_->remove(clip_, "fr"));
  ASSERT_TRUE(captions_->remove(clip_, "en"));
  EXPECT_TRUE(found("phare").empty());
  EXPECT_EQ(captions_->remove(clip_, "en").error().code, Errc::not_found);
}

TEST_P(CaptionsTest, a_word_in_the_caption_counts_for_more_than_the_same_word_said) {
  ASSERT_TRUE(put("en", english));
  const auto written = video_of(creator_, "A lighthouse");
  ASSERT_TRUE(videos_->publish(written, {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}));
  const auto said = live_video_of(creator_);
  ASSERT_TRUE(captions_->put(said, "en", english, CaptionOrigin::person));
  EXPECT_EQ(found("lighthouse"), (std::vector{written, said, clip_}));
}

TEST_P(CaptionsTest, suggestions_do_not_come_from_what_is_said) {
  ASSERT_TRUE(put("en", english));
  EXPECT_TRUE(search_->suggestions("lighthouse")->empty());
}

TEST_P(CaptionsTest, of_a_video_that_nobody_may_see_nothing_is_found_until_it_is_live) {
  const auto waiting = video_of(creator_);
  ASSERT_TRUE(captions_->put(waiting, "en", english, CaptionOrigin::person));
  EXPECT_TRUE(found("lighthouse").empty());
  ASSERT_TRUE(videos_->publish(waiting, {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}));
  EXPECT_EQ(found("lighthouse"), std::vector{waiting});
  ASSERT_TRUE(videos_->remove(waiting));
  EXPECT_TRUE(found("lighthouse").empty());
  EXPECT_TRUE(captions_->of_video(waiting)->empty());
}

}  // namespace
}  // namespace vitrine::social
