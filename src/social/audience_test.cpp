// Who may watch a video: the rule, its twin in SQL, and everything that follows from it in this room.
#include "social/collections.hpp"
#include "social/comments.hpp"
#include "social/moderation.hpp"
#include "social/notifications.hpp"
#include "social/people.hpp"
#include "social/search.hpp"
#include "social/testing.hpp"
#include "social/trends.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs minute_ms = 60'000;

class AudienceTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    people_ = std::move(People::open(*database_, clock_).value());
    ada_ = somebody("ada");
    fan_ = somebody("fan");
    pest_ = somebody("pest");
    stranger_ = somebody("stranger");
    follow(fan_, ada_);
    follow(pest_, ada_);
    ASSERT_TRUE(people_->block(ada_.account.id, pest_.account.id, true));
  }

  std::string uploaded(VideoChoices choices, std::string caption = "") {
    const std::string id = new_id(clock_.now());
    clock_.advance(1);
    EXPECT_TRUE(videos_->create({id, ada_.account.id, std::move(caption), {}, std::move(choices)}));
    return id;
  }
  std::string made(VideoChoices choices, std::string caption = "") {
    auto id = uploaded(std::move(choices), std::move(caption));
    EXPECT_TRUE(videos_->publish(id, media()));
    return id;
  }
  static PublishedMedia media() { return {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}; }

  [[nodiscard]] Video video(const std::string& id) const { return videos_->by_id(id).value(); }
  [[nodiscard]] VideoState state(const std::string& id) const { return video(id).state; }
  void go_to(TimeMs time) { clock_.advance(time - clock_.now()); }
  void set(const std::string& id, VideoState state) {
    ASSERT_TRUE(database_->execute("UPDATE videos SET state = $2 WHERE id = $1", {id, std::string(name(state))}));
  }
  [[nodiscard]] bool holds(const std::string& condition, const std::string& id, const std::string& viewer) const {
    return !database_->query(fmt::format("SELECT 1 FROM videos v WHERE v.id = $2 AND {}", condition), {viewer, id})
                ->empty();
  }
  [[nodiscard]] std::vector<std::string> profile(const std::string& viewer) const {
    std::vector<std::string> ids;
    const auto page = videos_->by_creator(ada_.account.id, viewer, "", 10).value();
    for (const auto& one : page.items) ids.push_back(one.id);
    return ids;
  }

  std::unique_ptr<People> people_;
  SignIn ada_, fan_, pest_, stranger_;
};

INSTANTIATE_TEST_SUITE_P(Engines, AudienceTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(AudienceTest, the_rule_and_its_twin_in_sql_say_the_same_of_everybody) {
  const std::array viewers{std::string(), ada_.account.id, fan_.account.id, pest_.account.id, stranger_.account.id};
  std::set<std::string> watched;
  for (const auto audience : audiences) {
    const auto id = made({.audience = audience});
    for (const auto state : video_states) {
      set(id, state);
      const auto exposure = video(id).exposure();
      for (const auto& viewer : viewers) {
        const auto relation = relation_of(*database_, ada_.account.id, viewer).value();
        const auto told = fmt::format("{} {} {}", name(audience), name(state), viewer);
        EXPECT_EQ(may_watch(relation, exposure), holds(sql_may_watch("v", "$1"), id, viewer)) << told;
        EXPECT_EQ(may_find(relation, exposure), holds(sql_may_find("v", "$1"), id, viewer)) << told;
        EXPECT_EQ(video(id).is_public(), holds(sql_listed("v") + " AND $1 = $1", id, viewer)) << told;
        if (viewer != ada_.account.id && may_watch(relation, exposure)) watched.insert(told);
      }
    }
  }
  const std::set<std::string> expected{
      "public live ",
      fmt::format("public live {}", fan_.account.id),
      fmt::format("public live {}", stranger_.account.id),
      fmt::format("followers live {}", fan_.account.id),
      "link live ",
      fmt::format("link live {}", fan_.account.id),
      fmt::format("link live {}", stranger_.account.id),
  };
  EXPECT_EQ(watched, expected);
}

TEST_P(AudienceTest, relations_to_many_are_those_to_each) {
  const std::vector owners{ada_.account.id, fan_.account.id, new_id(1)};
  const auto all = relations_of(*database_, owners, pest_.account.id).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all.at(ada_.account.id).blocked);
  EXPECT_FALSE(all.at(fan_.account.id).blocked);
  EXPECT_TRUE(relations_of(*database_, owners, ada_.account.id)->at(ada_.account.id).self);
}

TEST_P(AudienceTest, lists_hold_what_whoever_asks_may_find) {
  const auto open = made({}), close = made({.audience = Audience::followers}),
             link = made({.audience = Audience::link}), own = made({.audience = Audience::only_me}),
             draft = made({.draft = true});
  using Ids = std::vector<std::string>;
  EXPECT_EQ(profile(""), (Ids{open}));
  EXPECT_EQ(profile(stranger_.account.id), (Ids{open}));
  EXPECT_EQ(profile(fan_.account.id), (Ids{close, open}));
  EXPECT_EQ(profile(pest_.account.id), Ids{});
  EXPECT_EQ(profile(ada_.account.id), (Ids{own, link, close, open}));
  EXPECT_EQ(*videos_->live_count(ada_.account.id, ""), 1);
  EXPECT_EQ(*videos_->live_count(ada_.account.id, fan_.account.id), 2);
  const Ids all{open, close, link, own, draft};
  const auto ids_of = [](const std::vector<Video>& videos) {
    Ids ids;
    for (const auto& one : videos) ids.push_back(one.id);
    return ids;
  };
  EXPECT_EQ(ids_of(*videos_->live(all)), (Ids{open}));
  EXPECT_EQ(ids_of(*videos_->watchable(fan_.account.id, all)), (Ids{open, close, link}));
  EXPECT_EQ(ids_of(*videos_->findable(fan_.account.id, all)), (Ids{open, close}));
  EXPECT_EQ(ids_of(*videos_->findable(ada_.account.id, all)), all);
  EXPECT_EQ(*videos_->offered_ids("", 10), (Ids{open}));
  EXPECT_EQ(videos_->own(ada_.account.id, std::nullopt, "", 10)->items.size(), 5u);
  EXPECT_EQ(ids_of(videos_->own(ada_.account.id, VideoState::draft, "", 10)->items), (Ids{draft}));
}

TEST_P(AudienceTest, nothing_but_what_is_public_is_searched_counted_or_suggested) {
  auto search = std::move(Search::open(*database_, clock_).value());
  const auto id = made({.audience = Audience::followers}, "a walrus #tusks");
  const auto found = [&] {
    return fmt::format("{} {} {} {}", search->videos("walrus", "", 10)->ids.size(), search->tags("tusk")->size(),
                       search->tag_page("tusks", TagSort::newest, "", 10).has_value(),
                       search->suggestions("walrus")->size());
  };
  EXPECT_EQ(found(), "0 0 false 0");
  ASSERT_TRUE(videos_->edit(id, {.audience = Audience::everyone}));
  EXPECT_EQ(found(), "1 1 true 1");
  for (const auto audience : {Audience::link, Audience::only_me, Audience::followers}) {
    ASSERT_TRUE(videos_->edit(id, {.audience = audience}));
    EXPECT_EQ(found(), "0 0 false 0") << name(audience);
    ASSERT_TRUE(videos_->edit(id, {.audience = Audience::everyone}));
  }
  ASSERT_TRUE(videos_->edit(id, {.draft = true}));
  EXPECT_EQ(found(), "0 0 false 0");
  EXPECT_TRUE(videos_->topics("tusk", 10)->empty());
}

TEST_P(AudienceTest, files_are_guarded_as_soon_as_not_everybody_may_watch_also_after_a_restart) {
  const auto id = uploaded({});
  EXPECT_TRUE(videos_->is_guarded(id)) << "until it is live";
  ASSERT_TRUE(videos_->publish(id, media()));
  EXPECT_FALSE(videos_->is_guarded(id));
  for (const auto audience : {Audience::followers, Audience::link, Audience::only_me}) {
    ASSERT_TRUE(videos_->edit(id, {.audience = audience}));
    EXPECT_TRUE(videos_->is_guarded(id)) << name(audience);
    const auto reopened = std::move(Videos::open(*database_, clock_).value());
    EXPECT_TRUE(reopened->is_guarded(id)) << name(audience);
    ASSERT_TRUE(videos_->edit(id, {.audience = Audience::everyone}));
    EXPECT_FALSE(videos_->is_guarded(id));
  }
  ASSERT_TRUE(videos_->edit(id, {.draft = true}));
  EXPECT_TRUE(videos_->is_guarded(id));
  ASSERT_TRUE(videos_->remove(id));
  EXPECT_TRUE(videos_->is_guarded(id)) << "while its files go";
}

TEST_P(AudienceTest, a_draft_stays_one_until_its_creator_says_so) {
  const auto id = uploaded({.draft = true});
  EXPECT_EQ(state(id), VideoState::draft);
  ASSERT_TRUE(videos_->publish(id, media()));
  EXPECT_EQ(state(id), VideoState::draft);
  EXPECT_FALSE(video(id).live_since);
  clock_.advance(minute_ms);
  const auto live = videos_->edit(id, {.draft = false}).value();
  EXPECT_EQ(live.state, VideoState::live);
  EXPECT_EQ(live.live_since, clock_.now());
  const auto early = uploaded({.draft = true});
  EXPECT_EQ(videos_->edit(early, {.draft = false})->state, VideoState::processing) << "its media are not there yet";
  const auto broken = uploaded({.draft = true});
  ASSERT_TRUE(videos_->fail(broken, {"no_video", "There is no picture."}));
  EXPECT_EQ(state(broken), VideoState::failed);
}

TEST_P(AudienceTest, what_is_scheduled_goes_live_on_its_time_also_after_a_restart) {
  const TimeMs at = clock_.now() + 5 * minute_ms;
  const auto first = made({.publish_at = at}), second = made({.publish_at = at + minute_ms});
  EXPECT_EQ(state(first), VideoState::scheduled);
  EXPECT_TRUE(videos_->publish_due()->empty());
  videos_ = std::move(Videos::open(*database_, clock_).value());
  EXPECT_TRUE(videos_->publish_due()->empty());
  go_to(at - 1);
  EXPECT_TRUE(videos_->publish_due()->empty());
  go_to(at);
  EXPECT_EQ(*videos_->publish_due(), std::vector{first});
  EXPECT_EQ(state(first), VideoState::live);
  EXPECT_EQ(video(first).live_since, at);
  EXPECT_FALSE(video(first).publish_at);
  EXPECT_FALSE(videos_->is_guarded(first));
  EXPECT_EQ(state(second), VideoState::scheduled);
  ASSERT_TRUE(videos_->edit(second, {.publish_at = std::optional(at + 1)}));
  go_to(at + 1);
  EXPECT_EQ(*videos_->publish_due(), std::vector{second}) << "moved up";
  const auto unready = uploaded({.publish_at = at + minute_ms});
  go_to(at + minute_ms);
  EXPECT_EQ(*videos_->publish_due(), std::vector{unready});
  EXPECT_EQ(state(unready), VideoState::processing);
  EXPECT_EQ(profile(""), (std::vector{second, first})) << "the last to go live comes first";
}

TEST_P(AudienceTest, a_schedule_has_limits_and_is_no_draft) {
  const auto id = made({});
  const auto refused = [&](const VideoEdit& edit) { return videos_->edit(id, edit).error().code; };
  EXPECT_EQ(refused({.publish_at = std::optional(clock_.now())}), Errc::invalid_argument);
  EXPECT_EQ(refused({.publish_at = std::optional(clock_.now() + schedule_ahead_ms_max + 1)}), Errc::invalid_argument);
  EXPECT_EQ(refused({.draft = true, .publish_at = std::optional(clock_.now() + 1)}), Errc::invalid_argument);
  EXPECT_EQ(state(id), VideoState::live) << "nothing was changed";
  ASSERT_TRUE(videos_->edit(id, {.publish_at = std::optional(clock_.now() + schedule_ahead_ms_max)}));
  EXPECT_EQ(state(id), VideoState::scheduled);
  EXPECT_EQ(videos_->edit(id, {.draft = true})->publish_at, std::nullopt);
  EXPECT_EQ(state(id), VideoState::draft);
  EXPECT_EQ(videos_->edit(id, {.publish_at = std::optional(clock_.now() + 1)})->state, VideoState::scheduled);
  EXPECT_EQ(videos_->edit(id, {.publish_at = std::optional<TimeMs>()})->state, VideoState::live);
}

TEST_P(AudienceTest, moderation_stands_above_what_the_creator_chooses) {
  const auto id = made({.labels = {VideoLabel::ai_made}});
  const auto impose = [&](const Imposed& imposed) {
    ASSERT_TRUE(database_->transaction(store::Access::write,
                                       [&](store::Session& session) { return videos_->impose(session, id, imposed); }));
  };
  impose({.removed = true, .labels = {"sensitive"}});
  ASSERT_TRUE(videos_->edit(id, {.audience = Audience::everyone, .labels = std::set<VideoLabel>{}, .draft = false}));
  EXPECT_EQ(state(id), VideoState::removed);
  EXPECT_TRUE(video(id).has_label(VideoLabel::sensitive)) << "what is imposed stays";
  EXPECT_FALSE(video(id).has_label(VideoLabel::ai_made));
  ASSERT_TRUE(videos_->edit(id, {.draft = true}));
  EXPECT_EQ(state(id), VideoState::removed);
  impose({});
  EXPECT_EQ(state(id), VideoState::draft) << "and does not publish what its creator has not";
}

TEST_P(AudienceTest, comments_follow_the_video_s_permission_then_the_account_s_then_the_age) {
  auto comments = std::move(Comments::open(*database_, clock_).value());
  const auto id = made({});
  const auto may = [&](const SignIn& who) { return comments->write({id, who.account.id, "Hello", ""}).has_value(); };
  EXPECT_EQ(video(id).comment_permission, Who::everyone);
  EXPECT_TRUE(may(stranger_));
  ASSERT_TRUE(comments->set_rules(ada_.account.id, {.who = Who::nobody}));
  EXPECT_EQ(video(id).comment_permission, Who::nobody);
  EXPECT_FALSE(may(fan_));
  ASSERT_TRUE(videos_->edit(id, {.comments = Who::followers}));
  EXPECT_TRUE(may(fan_));
  EXPECT_FALSE(may(stranger_));
  ASSERT_TRUE(videos_->edit(id, {.audience = Audience::only_me, .comments = Who::everyone}));
  EXPECT_EQ(comments->write({id, fan_.account.id, "Hello", ""}).error().code, Errc::not_found);
  EXPECT_TRUE(may(ada_));
  ASSERT_TRUE(videos_->edit(id, {.audience = Audience::everyone, .duets = Who::nobody}));
  EXPECT_EQ(video(id).own_comment_permission, Who::everyone) << "what is not said stays";
  EXPECT_EQ(video(id).duet_permission, Who::nobody);
  ASSERT_TRUE(videos_->edit(id, {.comments = std::optional<Who>(), .duets = std::optional<Who>()}));
  EXPECT_EQ(video(id).own_comment_permission, std::nullopt);
  EXPECT_EQ(video(id).comment_permission, Who::nobody) << "as the account has it";
  EXPECT_EQ(video(id).duet_permission, Who::everyone);
  EXPECT_FALSE(may(fan_));
  ASSERT_TRUE(comments->set_rules(ada_.account.id, {.who = Who::followers}));
  EXPECT_TRUE(may(fan_));
  const auto young = somebody_young("young");
  const auto clip = live_video_of(young);
  EXPECT_EQ(video(clip).comment_permission, Who::followers);
  EXPECT_EQ(video(clip).duet_permission, Who::nobody);
}

TEST_P(AudienceTest, new_videos_of_minors_are_for_followers_unless_they_say_so) {
  const auto young = somebody_young("young");
  const auto made_by = [&](const SignIn& creator, std::optional<Audience> audience) {
    const auto id = new_id(clock_.now());
    clock_.advance(1);
    EXPECT_TRUE(videos_->create({id, creator.account.id, "", {}, {.audience = audience}}));
    return video(id).audience;
  };
  EXPECT_EQ(made_by(young, std::nullopt), Audience::followers);
  EXPECT_EQ(made_by(young, Audience::everyone), Audience::everyone);
  EXPECT_EQ(made_by(young, Audience::only_me), Audience::only_me);
  EXPECT_EQ(made_by(ada_, std::nullopt), Audience::everyone);
  ASSERT_TRUE(accounts_->set_age_band(young.account.id, AgeBand::adult));
  EXPECT_EQ(made_by(young, std::nullopt), Audience::everyone) << "from the day they come of age";
}

TEST_P(AudienceTest, only_what_is_public_is_for_others_to_reuse) {
  const auto fan = relation_of(*database_, ada_.account.id, fan_.account.id).value();
  const auto self = relation_of(*database_, ada_.account.id, ada_.account.id).value();
  EXPECT_TRUE(may_duet(fan, {Audience::everyone, true}, Who::everyone));
  EXPECT_TRUE(may_duet(fan, {Audience::everyone, true}, Who::followers));
  EXPECT_FALSE(may_duet(fan, {Audience::everyone, true}, Who::nobody));
  EXPECT_FALSE(may_duet(fan, {Audience::everyone, false}, Who::everyone));
  EXPECT_FALSE(may_duet(fan, {Audience::followers, true}, Who::everyone));
  EXPECT_FALSE(may_duet(fan, {Audience::link, true}, Who::everyone));
  EXPECT_TRUE(may_duet(self, {Audience::only_me, true}, Who::nobody));
  EXPECT_FALSE(may_duet({.follows = true, .owner_band = AgeBand::minor}, {Audience::everyone, true}, Who::everyone))
      << "a minor does not hear from strangers, nor by duets";
}

TEST_P(AudienceTest, nobody_is_told_of_what_they_may_not_watch) {
  auto notifications = std::move(Notifications::open(*database_, clock_).value());
  const auto unread = [&](const SignIn& who) {
    notifications->settle();
    return *notifications->unread(who.account.id);
  };
  const auto mention = [&](const std::string& id) {
    for (const auto& who : {fan_, stranger_})
      notifications->tell({NotificationKind::mention, who.account.id, ada_.account.id, id, ""});
  };
  const auto id = made({.audience = Audience::followers});
  mention(id);
  EXPECT_EQ(unread(fan_), 1);
  EXPECT_EQ(unread(stranger_), 0);
  ASSERT_TRUE(videos_->edit(id, {.audience = Audience::only_me}));
  EXPECT_EQ(unread(fan_), 0) << "what was told is hidden with it";
  EXPECT_TRUE(notifications->page(fan_.account.id, "")->items.empty());
  ASSERT_TRUE(videos_->edit(id, {.audience = Audience::followers}));
  EXPECT_EQ(unread(fan_), 1);
  for (const auto& hidden : {made({.audience = Audience::link}), made({.audience = Audience::only_me}),
                             made({.draft = true}), made({.publish_at = clock_.now() + minute_ms})})
    mention(hidden);
  EXPECT_EQ(unread(fan_), 1);
  EXPECT_EQ(unread(stranger_), 0);
  const auto link = made({.audience = Audience::link});
  notifications->tell({NotificationKind::reply, stranger_.account.id, ada_.account.id, link, ""});
  EXPECT_EQ(unread(stranger_), 1) << "whoever wrote below it has the link";
}

TEST_P(AudienceTest, pins_come_first_are_few_and_go_with_what_is_not_public_any_more) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(made({}));
  for (int i = 0; i < 3; ++i) {
    clock_.advance(1);
    ASSERT_TRUE(videos_->pin(ids[static_cast<std::size_t>(i)], true));
  }
  ASSERT_TRUE(videos_->pin(ids[0], true)) << "again changes nothing";
  EXPECT_EQ(videos_->pin(ids[3], true).error().code, Errc::unprocessable);
  EXPECT_EQ(profile(""), (std::vector{ids[2], ids[1], ids[0], ids[4], ids[3]}));
  ASSERT_TRUE(videos_->edit(ids[1], {.audience = Audience::followers}));
  EXPECT_FALSE(video(ids[1]).pinned);
  ASSERT_TRUE(videos_->pin(ids[3], true));
  ASSERT_TRUE(videos_->pin(ids[3], false));
  EXPECT_EQ(videos_->pin(made({.audience = Audience::link}), true).error().code, Errc::unprocessable);
  EXPECT_EQ(videos_->pin(made({.draft = true}), true).error().code, Errc::unprocessable);
}

TEST_P(AudienceTest, who_was_mentioned_is_found_again_when_nobody_was_told) {
  const auto open = made({}), close = made({.audience = Audience::followers});
  made({.audience = Audience::link});
  made({.draft = true});
  EXPECT_EQ(*videos_->unannounced_ids(), (std::vector{open, close}));
  ASSERT_TRUE(videos_->note_announced(open));
  EXPECT_EQ(*videos_->unannounced_ids(), (std::vector{close}));
}

}  // namespace
}  // namespace vitrine::social
