#include "social/credits.hpp"

#include "social/people.hpp"
#include "social/testing.hpp"

namespace vitrine::social {
namespace {

class CreditsTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    credits_ = std::move(Credits::open(*database_, *videos_, clock_).value());
    people_ = std::move(People::open(*database_, clock_).value());
    ana_ = somebody("ana");
    bob_ = somebody("bob");
    original_ = sounding(ana_);
  }
  std::string sounding(const SignIn& creator) {
    std::string id = video_of(creator);
    EXPECT_TRUE(
        videos_->publish(id, {.duration_ms = 1000, .width = 90, .height = 160, .has_audio = true, .poster_key = "p"}));
    return id;
  }
  std::string made(const SignIn& creator, CreditKind kind, const std::string& original) {
    const std::string id = sounding(creator);
    EXPECT_TRUE(credits_->record({.video = id, .kind = kind, .original = original, .end_ms = 500}));
    return id;
  }
  Errc check(const SignIn& who, const std::string& video) {
    const auto checked = credits_->check(who.account.id, videos_->by_id(video).value());
    return checked ? Errc{-1} : checked.error().code;
  }
  Attribution attribution(std::string_view viewer, const std::string& video) {
    const auto found = videos_->by_id(video).value();
    return credits_->of(viewer, {&found, 1}).value()[video];
  }
  static constexpr Errc fine{-1};

  std::unique_ptr<Credits> credits_;
  std::unique_ptr<People> people_;
  SignIn ana_, bob_;
  std::string original_;
};
INSTANTIATE_TEST_SUITE_P(Engines, CreditsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(CreditsTest, live_videos_of_adults_are_free) {
  EXPECT_EQ(check(bob_, original_), fine);
  EXPECT_EQ(check(bob_, video_of(ana_)), Errc::not_found) << "still processing";
  EXPECT_EQ(check(ana_, video_of(ana_)), Errc::not_found) << "one's own as well";
  const auto young = somebody_young("kim");
  const auto theirs = sounding(young);
  EXPECT_EQ(check(bob_, theirs), Errc::forbidden);
  EXPECT_EQ(check(young, theirs), fine) << "one's own";
  ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
    return videos_->impose(session, original_, {.limited = true});
  }));
  EXPECT_EQ(check(bob_, original_), Errc::forbidden);
  ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
    return videos_->impose(session, original_, {.removed = true});
  }));
  EXPECT_EQ(check(bob_, original_), Errc::not_found);
}

TEST_P(CreditsTest, a_block_in_either_direction_hides_the_original) {
  ASSERT_TRUE(people_->block(ana_.account.id, bob_.account.id, true));
  EXPECT_EQ(check(bob_, original_), Errc::not_found);
  ASSERT_TRUE(people_->block(ana_.account.id, bob_.account.id, false));
  ASSERT_TRUE(people_->block(bob_.account.id, ana_.account.id, true));
  EXPECT_EQ(check(bob_, original_), Errc::not_found);
}

TEST_P(CreditsTest, what_a_video_is_made_of_must_be_free_too) {
  const auto cleo = somebody("cleo");
  const auto duet = made(bob_, CreditKind::duet, original_);
  EXPECT_EQ(check(cleo, duet), fine);
  ASSERT_TRUE(people_->block(ana_.account.id, cleo.account.id, true));
  EXPECT_EQ(check(cleo, duet), Errc::forbidden);
  ASSERT_TRUE(people_->block(ana_.account.id, cleo.account.id, false));
  ASSERT_TRUE(videos_->remove(original_));
  EXPECT_EQ(check(cleo, duet), Errc::forbidden);
  EXPECT_EQ(check(bob_, duet), Errc::forbidden) << "not even by who made it";
}

TEST_P(CreditsTest, chains_have_an_end) {
  std::string last = original_;
  for (int link = 0; link < credit_links_max; ++link) last = made(bob_, CreditKind::stitch, last);
  EXPECT_EQ(check(ana_, last), fine);
  last = made(bob_, CreditKind::stitch, last);
  EXPECT_EQ(check(ana_, last), Errc::forbidden);
}

TEST_P(CreditsTest, a_credit_names_the_original_and_keeps_the_name_when_it_goes) {
  const auto duet = made(bob_, CreditKind::duet, original_);
  ASSERT_TRUE(credits_->record({.video = duet, .kind = CreditKind::stitch, .original = original_})) << "again";
  auto credit = attribution("", duet).credit;
  ASSERT_TRUE(credit);
  EXPECT_EQ(credit->kind, CreditKind::duet);
  EXPECT_EQ(credit->video, original_);
  EXPECT_EQ(credit->creator->handle, "ana");
  EXPECT_FALSE(attribution("", original_).credit);
  ASSERT_TRUE(videos_->remove(original_));
  credit = attribution("", duet).credit;
  ASSERT_TRUE(credit);
  EXPECT_FALSE(credit->video);
  EXPECT_EQ(credit->creator->handle, "ana");
  ASSERT_TRUE(accounts_->erase(ana_.account.id));
  credit = attribution("", duet).credit;
  ASSERT_TRUE(credit) << "that it is a duet stays";
  EXPECT_FALSE(credit->creator) << "of an account that has gone nothing is kept";
}

TEST_P(CreditsTest, somebody_behind_a_block_is_not_named) {
  const auto cleo = somebody("cleo");
  const auto duet = made(bob_, CreditKind::duet, original_), song = made(bob_, CreditKind::sound, original_);
  ASSERT_TRUE(people_->block(ana_.account.id, cleo.account.id, true));
  EXPECT_FALSE(attribution(cleo.account.id, duet).credit->creator);
  EXPECT_FALSE(attribution(cleo.account.id, duet).credit->video);
  EXPECT_EQ(attribution(cleo.account.id, song).sound->title(), "original sound");
  EXPECT_TRUE(attribution(bob_.account.id, duet).credit->creator);
}

TEST_P(CreditsTest, what_is_not_public_is_credited_without_a_link_and_not_listed) {
  const auto duet = made(bob_, CreditKind::duet, original_);
  const auto hide = [&](const std::string& video, bool on) {
    ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
      return videos_->impose(session, video, {.removed = on});
    }));
  };
  hide(original_, true);
  EXPECT_FALSE(attribution("", duet).credit->video);
  EXPECT_EQ(attribution("", duet).credit->creator->handle, "ana");
  hide(original_, false);
  EXPECT_EQ(credits_->made_with(original_, "", 10)->ids, std::vector{duet});
  hide(duet, true);
  EXPECT_TRUE(credits_->made_with(original_, "", 10)->ids.empty());
}

TEST_P(CreditsTest, duets_and_stitches_are_listed_in_pages) {
  std::vector<std::string> expected;
  for (int i = 0; i < 5; ++i)
    expected.insert(expected.begin(), made(bob_, i % 2 ? CreditKind::stitch : CreditKind::duet, original_));
  made(bob_, CreditKind::sound, original_);
  const auto first = credits_->made_with(original_, "", 3);
  ASSERT_TRUE(first && first->next);
  const auto second = credits_->made_with(original_, *first->next, 3);
  auto all = first->ids;
  all.insert(all.end(), second->ids.begin(), second->ids.end());
  EXPECT_EQ(all, expected);
  EXPECT_FALSE(second->next);
  EXPECT_EQ(credits_->made_with(original_, "?", 3).error().code, Errc::invalid_argument);
}

TEST_P(CreditsTest, a_sound_belongs_to_where_it_was_first_heard) {
  const auto song = made(bob_, CreditKind::sound, original_);
  EXPECT_EQ(credits_->sound_of(song).value(), original_);
  EXPECT_EQ(credits_->sound_of(original_).value(), original_);
  EXPECT_EQ(attribution("", song).sound->id, original_);
  EXPECT_EQ(attribution("", song).sound->title(), "original sound · @ana");
  EXPECT_FALSE(attribution("", song).sound->original);
  EXPECT_TRUE(attribution("", original_).sound->original);
  EXPECT_FALSE(attribution("", live_video_of(ana_)).sound) << "a silent one";
  EXPECT_FALSE(attribution("", song).credit);
}

TEST_P(CreditsTest, a_sound_page_counts_and_lists_what_is_live) {
  const auto first = made(bob_, CreditKind::sound, original_), second = made(ana_, CreditKind::sound, original_);
  const auto hidden = video_of(bob_);
  ASSERT_TRUE(credits_->record({.video = hidden, .kind = CreditKind::sound, .original = original_}));
  auto page = credits_->sound_page("", original_, TagSort::newest, "", 2);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->videos, 3);
  EXPECT_EQ(page->page.ids, (std::vector{second, first}));
  page = credits_->sound_page("", first, TagSort::newest, *page->page.next, 2);
  EXPECT_EQ(page->page.ids, std::vector{original_}) << "by a video that uses it as well";
  const Counted counts[] = {{first, 9, 0}, {second, 3, 0}};
  ASSERT_TRUE(videos_->count(counts, 1));
  page = credits_->sound_page("", original_, TagSort::top, "", 2);
  EXPECT_EQ(page->page.ids, (std::vector{first, second}));
  EXPECT_EQ(credits_->sound_page("", original_, TagSort::top, *page->page.next, 2)->page.ids, std::vector{original_});
  ASSERT_TRUE(videos_->remove(original_));
  page = credits_->sound_page("", original_, TagSort::top, "", 2);
  ASSERT_TRUE(page) << "others still use it";
  EXPECT_EQ(page->videos, 2);
  EXPECT_EQ(page->sound.creator->handle, "ana");
}

TEST_P(CreditsTest, what_is_no_sound_has_no_page) {
  for (const auto& id : {std::string("x"), new_id(1), video_of(ana_), live_video_of(ana_)})
    EXPECT_EQ(credits_->sound_page("", id, TagSort::top, "", 5).error().code, Errc::not_found) << id;
  EXPECT_EQ(credits_->sound_page("", original_, TagSort::top, "1", 5).error().code, Errc::invalid_argument);
}

TEST_P(CreditsTest, tells_whose_things_were_taken) {
  EXPECT_FALSE(*credits_->taken_by(original_));
  const auto duet = made(bob_, CreditKind::duet, original_), song = made(bob_, CreditKind::sound, original_);
  EXPECT_EQ((*credits_->taken_by(duet))->creator, ana_.account.id);
  EXPECT_EQ((*credits_->taken_by(song))->kind, CreditKind::sound);
  EXPECT_EQ((*credits_->taken_by(song))->original, original_);
  ASSERT_TRUE(videos_->remove(original_));
  EXPECT_FALSE((*credits_->taken_by(song))->original);
  EXPECT_EQ((*credits_->taken_by(song))->creator, ana_.account.id);
  const auto late = sounding(bob_);
  ASSERT_TRUE(credits_->record({.video = late, .kind = CreditKind::duet, .original = original_}));
  EXPECT_FALSE(*credits_->taken_by(late)) << "the original had gone before";
}

}  // namespace
}  // namespace vitrine::social
