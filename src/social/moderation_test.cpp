// Moderation on both engines: reports, cases, decisions and what they do, appeals, automatic rules; and who may not.
#include "social/moderation.hpp"

#include "social/captions.hpp"
#include "social/comments.hpp"
#include "social/moderators.hpp"
#include "social/testing.hpp"
#include "social/trends.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs minute_ms = 60'000, day_ms = 24LL * 60 * minute_ms;

class ModerationTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    comments_ = std::move(Comments::open(*database_, clock_).value());
    reopen();
    ada_ = somebody("ada"), bob_ = somebody("bob"), mia_ = somebody("mia"), max_ = somebody("max");
    Moderators moderators(*database_, clock_);
    ASSERT_TRUE(moderators.add("mia"));
    ASSERT_TRUE(moderators.add("max"));
    clip_ = live_video_of(ada_);
  }
  void reopen() {
    ModerationPorts ports;
    ports.say = [](store::Session& session, const PublicDecision& said) -> Result<void> {
      VT_CHECK(session.execute("CREATE TABLE IF NOT EXISTS said (text TEXT NOT NULL)"));
      VT_CHECK(session.execute("INSERT INTO said (text) VALUES ($1)",
                               {fmt::format("{} {} {}", said.action, said.rule, said.until_s)}));
      return {};
    };
    ports.said = [] {};
    ports.video_changed = [this](const std::string& id) -> Result<void> {
      if (feed_is_away_) return fail(Errc::unavailable, "the feed is away");
      VT_TRY(const auto video, videos_->by_id(id));
      if (video.is_offered())
        feed_.insert(id);
      else
        feed_.erase(id);
      return {};
    };
    ports.tell = [this](const NotificationEvent& event) {
      if (!event.recipient.empty()) told_.push_back(event);
    };
    moderation_ = std::move(Moderation::open(*database_, clock_, *accounts_, *videos_, *comments_, ports).value());
  }

  Target clip() const { return {TargetKind::video, clip_}; }
  Target account(const SignIn& of) const { return {TargetKind::account, of.account.id}; }
  Result<Report> report(const SignIn& by, const Target& target, ReportReason reason = ReportReason::spam) {
    clock_.advance(1);
    return moderation_->report(by.account.id, {.target = target, .reason = reason, .text = "look"});
  }
  std::string case_id() {
    const auto queue = moderation_->queue();
    EXPECT_TRUE(queue && !queue->empty());
    return queue && !queue->empty() ? queue->front().id : "";
  }
  static NewDecision decision(ModerationAction action, std::int64_t days = 0) {
    NewDecision out{
        .action = action, .rule = "House rule 3", .reason = "It breaks it.", .facts = "At 0:03.", .days = days};
    if (action == ModerationAction::label) out.labels = {VideoLabel::sensitive, VideoLabel::ai_made};
    return out;
  }
  /// Somebody reports it, `by` claims and decides.
  Decision decided(const SignIn& by, const Target& target, const NewDecision& what) {
    EXPECT_TRUE(report(bob_, target));
    const auto id = case_id();
    const auto claimed = moderation_->claim(by.account.id, id);
    EXPECT_TRUE(claimed) << claimed.error().message;
    clock_.advance(1);
    const auto made = moderation_->decide(by.account.id, id, what);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(Decision());
  }
  Decision decided(ModerationAction action, std::int64_t days = 0) {
    return decided(mia_, clip(), decision(action, days));
  }
  std::vector<std::string> said() {
    std::vector<std::string> out;
    const auto rows = database_->query("SELECT text FROM said");
    for (const auto& row : rows.value_or(store::Rows{})) out.push_back(row.text(0));
    return out;
  }
  /// "decision ada, report bob": whom all that was decided since the last time was told, and what of.
  std::string told() {
    std::vector<std::string> out;
    for (const auto& event : std::exchange(told_, {})) {
      const auto account = accounts_->by_id(event.recipient);
      out.push_back(fmt::format("{} {}", name(event.kind), account ? account->handle : "nobody"));
    }
    return fmt::format("{}", fmt::join(out, ", "));
  }
  Video video() const { return videos_->by_id(clip_).value(); }
  std::vector<Decision> statements(const SignIn& of) const { return moderation_->statements_of(of.account.id).value(); }

  std::string comment_of(const SignIn& author, std::string text) {
    clock_.advance(minute_ms);
    const auto made = comments_->write({.video = clip_, .author_id = author.account.id, .text = std::move(text)});
    EXPECT_TRUE(made) << made.error().message;
    return made ? made->id : "";
  }
  bool sees(const SignIn& viewer, std::string_view comment) const {
    return comments_->by_id(viewer.account.id, comment).has_value();
  }

  std::unique_ptr<Comments> comments_;
  std::unique_ptr<Moderation> moderation_;
  SignIn ada_, bob_, mia_, max_;
  std::string clip_;  ///< ada's
  std::vector<NotificationEvent> told_;
  std::set<std::string> feed_;
  bool feed_is_away_ = false;
};
INSTANTIATE_TEST_SUITE_P(Engines, ModerationTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(ModerationTest, reports_of_one_thing_gather_and_the_gravest_comes_first) {
  ASSERT_TRUE(report(bob_, clip(), ReportReason::spam));
  ASSERT_TRUE(report(bob_, account(ada_), ReportReason::impersonation));
  ASSERT_TRUE(report(max_, clip(), ReportReason::spam));
  auto queue = *moderation_->queue();
  ASSERT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue[0].target.kind, TargetKind::account);
  EXPECT_EQ(queue[1].reports, 2);
  EXPECT_EQ(queue[1].newest.size(), 2u);
  EXPECT_EQ(queue[1].concerned_id, ada_.account.id);
  ASSERT_TRUE(report(mia_, clip(), ReportReason::child_safety));
  queue = *moderation_->queue();
  EXPECT_EQ(queue[0].target.id, clip_);
  EXPECT_EQ(queue[0].severity, 5);
}

TEST_P(ModerationTest, moderators_have_in_hand_what_is_before_them_and_nothing_else) {
  EXPECT_FALSE(*moderation_->has_in_hand(clip_));
  ASSERT_TRUE(report(max_, clip()));
  EXPECT_TRUE(*moderation_->has_in_hand(clip_)) << "a case";
  ASSERT_TRUE(moderation_->claim(mia_.account.id, case_id()));
  ASSERT_TRUE(moderation_->decide(mia_.account.id, case_id(), decision(ModerationAction::no_action)));
  EXPECT_FALSE(*moderation_->has_in_hand(clip_));
  const auto limited = decided(ModerationAction::limit);
  EXPECT_FALSE(*moderation_->has_in_hand(clip_));
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, limited.id, "No."));
  EXPECT_TRUE(*moderation_->has_in_hand(clip_)) << "an appeal";
  const auto appeal = moderation_->appeals(max_.account.id)->front().appeal.id;
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, appeal, AppealOutcome::upheld, "It stands."));
  EXPECT_FALSE(*moderation_->has_in_hand(clip_));
  decided(ModerationAction::remove);
  EXPECT_TRUE(*moderation_->has_in_hand(clip_)) << "what is withheld";
  EXPECT_FALSE(*moderation_->has_in_hand(new_id(1)));
}

TEST_P(ModerationTest, reports_have_limits) {
  const auto refused = [&](NewReport report) { return moderation_->report(bob_.account.id, report).error().code; };
  EXPECT_EQ(refused({.target = clip(), .text = std::string(report_characters_max + 1, 'x')}), Errc::invalid_argument);
  EXPECT_EQ(refused({.target = clip(), .reason = ReportReason::illegal}), Errc::invalid_argument);
  EXPECT_EQ(refused({.target = clip(), .reason = ReportReason::illegal, .country = "nl"}), Errc::invalid_argument);
  EXPECT_EQ(refused({.target = clip(), .reason = ReportReason::spam, .country = "NL"}), Errc::invalid_argument);
  EXPECT_EQ(refused({.target = clip(), .reason = ReportReason::rule}), Errc::invalid_argument);
  EXPECT_EQ(refused({.target = account(bob_)}), Errc::invalid_argument) << "oneself";
  EXPECT_EQ(refused({.target = {TargetKind::video, new_id(1)}}), Errc::not_found);
  EXPECT_EQ(refused({.target = {TargetKind::comment, "x"}}), Errc::not_found);
  const std::string longest(report_characters_max, 'x');
  const NewReport good{.target = clip(), .reason = ReportReason::illegal, .country = "NL", .text = longest};
  EXPECT_TRUE(moderation_->report(bob_.account.id, good));
  EXPECT_EQ(refused(good), Errc::conflict) << "one open report of a thing";
  for (std::int64_t i = 1; i < reports_per_day_max; ++i)
    ASSERT_TRUE(report(bob_, {TargetKind::video, live_video_of(ada_)}));
  EXPECT_EQ(report(bob_, account(ada_)).error().code, Errc::too_many_requests);
  clock_.advance(day_ms);
  EXPECT_TRUE(report(bob_, account(ada_)));
}

TEST_P(ModerationTest, many_may_report_at_once) {
  constexpr int people = 4;
  std::vector<SignIn> reporters;
  for (int i = 0; i < people; ++i) reporters.push_back(somebody(fmt::format("person{}", i)));
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (const auto& one : reporters)
      threads.emplace_back([&] { taken += moderation_->report(one.account.id, {.target = clip()}).has_value(); });
  }
  EXPECT_EQ(taken, people);
  ASSERT_EQ(moderation_->queue()->size(), 1u);
  EXPECT_EQ(moderation_->queue()->front().reports, people);
}

TEST_P(ModerationTest, a_claim_keeps_others_off_for_half_an_hour) {
  ASSERT_TRUE(report(bob_, clip()));
  const auto id = case_id();
  const auto act = decision(ModerationAction::remove);
  EXPECT_EQ(moderation_->decide(mia_.account.id, id, act).error().code, Errc::conflict) << "unclaimed";
  ASSERT_TRUE(moderation_->claim(mia_.account.id, id));
  EXPECT_EQ(moderation_->claim(max_.account.id, id).error().code, Errc::conflict);
  EXPECT_EQ(moderation_->release(max_.account.id, id).error().code, Errc::conflict);
  EXPECT_EQ(moderation_->decide(max_.account.id, id, act).error().code, Errc::conflict);
  EXPECT_EQ(moderation_->queue()->front().claimed_by, mia_.account.id);
  ASSERT_TRUE(moderation_->release(mia_.account.id, id));
  ASSERT_TRUE(moderation_->claim(max_.account.id, id));
  clock_.advance(claim_lifetime_ms);
  EXPECT_EQ(moderation_->queue()->front().claimed_by, "") << "released by itself";
  EXPECT_EQ(moderation_->decide(max_.account.id, id, act).error().code, Errc::conflict);
  ASSERT_TRUE(moderation_->claim(mia_.account.id, id));
  EXPECT_TRUE(moderation_->decide(mia_.account.id, id, act));
  EXPECT_EQ(moderation_->claim(mia_.account.id, id).error().code, Errc::not_found) << "closed";
}

TEST_P(ModerationTest, who_has_to_do_with_it_does_not_judge_it) {
  ASSERT_TRUE(report(mia_, account(max_)));
  const auto id = case_id();
  EXPECT_EQ(moderation_->claim(max_.account.id, id).error().code, Errc::forbidden) << "it is about them";
  EXPECT_EQ(moderation_->claim(mia_.account.id, id).error().code, Errc::forbidden) << "they reported it";
}

TEST_P(ModerationTest, decisions_have_limits) {
  ASSERT_TRUE(report(bob_, clip()));
  const auto id = case_id();
  ASSERT_TRUE(moderation_->claim(mia_.account.id, id));
  const auto refused = [&](ModerationAction action, auto change) {
    auto given = decision(action);
    change(given);
    const auto made = moderation_->decide(mia_.account.id, id, given);
    return made ? Errc::internal : made.error().code;
  };
  using enum ModerationAction;
  EXPECT_EQ(refused(remove, [](auto& one) { one.rule = ""; }), Errc::invalid_argument);
  EXPECT_EQ(refused(remove, [](auto& one) { one.reason = " "; }), Errc::invalid_argument);
  EXPECT_EQ(refused(remove, [](auto& one) { one.rule = std::string(rule_characters_max + 1, 'x'); }),
            Errc::invalid_argument);
  EXPECT_EQ(refused(remove, [](auto& one) { one.facts = std::string(facts_characters_max + 1, 'x'); }),
            Errc::invalid_argument);
  EXPECT_EQ(refused(remove, [](auto& one) { one.days = 1; }), Errc::invalid_argument);
  EXPECT_EQ(refused(remove, [](auto& one) { one.labels = {VideoLabel::sensitive}; }), Errc::invalid_argument);
  EXPECT_EQ(refused(label, [](auto& one) { one.labels.clear(); }), Errc::invalid_argument);
  EXPECT_EQ(refused(suspend, [](auto&) {}), Errc::invalid_argument) << "for ever";
  EXPECT_EQ(refused(suspend, [](auto& one) { one.days = decision_days_max + 1; }), Errc::invalid_argument);
  EXPECT_EQ(refused(hold, [](auto&) {}), Errc::unprocessable) << "only rules hold";
  ASSERT_TRUE(moderation_->decide(mia_.account.id, id, decision(no_action)));
  ASSERT_TRUE(report(bob_, account(ada_)));
  const auto about_account = case_id();
  ASSERT_TRUE(moderation_->claim(mia_.account.id, about_account));
  EXPECT_EQ(moderation_->decide(mia_.account.id, about_account, decision(remove)).error().code, Errc::unprocessable);
}

TEST_P(ModerationTest, nothing_done_is_told_to_who_reported_and_to_nobody_else) {
  decided(ModerationAction::no_action);
  const auto reports = *moderation_->reports_of(bob_.account.id);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_FALSE(reports[0].open);
  EXPECT_EQ(reports[0].outcome->action, ModerationAction::no_action);
  EXPECT_TRUE(statements(ada_).empty());
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(video().state, VideoState::live);
  EXPECT_TRUE(report(bob_, clip())) << "it may be reported again";
}

TEST_P(ModerationTest, removal_is_stated_logged_and_undone_by_an_appeal) {
  feed_.insert(clip_);
  const auto made = decided(ModerationAction::remove);
  EXPECT_EQ(video().state, VideoState::removed);
  EXPECT_TRUE(videos_->live(std::vector{clip_})->empty());
  EXPECT_TRUE(videos_->is_guarded(clip_));
  EXPECT_FALSE(feed_.contains(clip_));
  ASSERT_TRUE(videos_->publish(clip_, {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}));
  EXPECT_EQ(video().state, VideoState::removed) << "a further rendition does not bring it back";
  EXPECT_EQ(said(), std::vector<std::string>{"remove House rule 3 0"});

  ASSERT_EQ(statements(ada_).size(), 1u);
  const auto statement = statements(ada_).front();
  EXPECT_EQ(statement.id, made.id);
  EXPECT_EQ(statement.rule, "House rule 3");
  EXPECT_EQ(statement.facts, "At 0:03.");
  EXPECT_FALSE(statement.automated);
  EXPECT_TRUE(statement.in_force);

  ASSERT_TRUE(moderation_->appeal(ada_.account.id, made.id, "It is mine."));
  EXPECT_EQ(moderation_->appeal(ada_.account.id, made.id, "Once more.").error().code, Errc::conflict);
  const auto waiting = moderation_->appeals(max_.account.id);
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_TRUE(waiting->front().may_decide);
  EXPECT_FALSE(moderation_->appeals(mia_.account.id)->front().may_decide);
  const auto& id = waiting->front().appeal.id;
  EXPECT_EQ(moderation_->decide_appeal(mia_.account.id, id, AppealOutcome::upheld, "Mine stands.").error().code,
            Errc::forbidden);
  const auto after = moderation_->decide_appeal(max_.account.id, id, AppealOutcome::reversed, "She is right.");
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_TRUE(after->reversed);
  EXPECT_EQ(after->appeal->reason, "She is right.");
  EXPECT_EQ(moderation_->decide_appeal(max_.account.id, id, AppealOutcome::upheld, "No.").error().code, Errc::conflict);
  EXPECT_TRUE(moderation_->appeals(max_.account.id)->empty());

  EXPECT_EQ(video().state, VideoState::live);
  EXPECT_FALSE(videos_->is_guarded(clip_));
  EXPECT_TRUE(feed_.contains(clip_));
  EXPECT_EQ(said().back(), "reverse reversed on appeal 0");
  EXPECT_TRUE(moderation_->reports_of(bob_.account.id)->front().outcome->reversed) << "who reported is told as well";
}

TEST_P(ModerationTest, whoever_is_concerned_and_whoever_reported_are_told) {
  const auto removed = decided(ModerationAction::remove);
  EXPECT_EQ(told(), "decision ada, report bob");
  const auto appeal = moderation_->appeal(ada_.account.id, removed.id, "no")->appeal->id;
  EXPECT_EQ(told(), "");
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, appeal, AppealOutcome::reversed, "right"));
  EXPECT_EQ(told(), "appeal ada, report bob");
  const auto warned = decided(ModerationAction::warn);
  EXPECT_EQ(told_.front().matter, warned.id);
  EXPECT_EQ(told(), "decision ada, report bob");
  const auto second = moderation_->appeal(ada_.account.id, warned.id, "no")->appeal->id;
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, second, AppealOutcome::upheld, "wrong"));
  EXPECT_EQ(told(), "appeal ada");
  EXPECT_EQ(decided(ModerationAction::no_action).action, ModerationAction::no_action);
  EXPECT_EQ(told(), "report bob");
}

TEST_P(ModerationTest, an_appeal_that_fails_changes_nothing) {
  const auto made = decided(ModerationAction::remove);
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, made.id, "Please."));
  const auto id = moderation_->appeals(max_.account.id)->front().appeal.id;
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, id, AppealOutcome::upheld, "It stands."));
  EXPECT_EQ(video().state, VideoState::removed);
  EXPECT_EQ(said().size(), 1u);
  EXPECT_EQ(statements(ada_).front().appeal->outcome, AppealOutcome::upheld);
}

TEST_P(ModerationTest, appeals_are_for_the_person_concerned_within_six_months) {
  const auto made = decided(ModerationAction::remove);
  EXPECT_EQ(moderation_->appeal(bob_.account.id, made.id, "I reported it.").error().code, Errc::not_found);
  EXPECT_EQ(moderation_->appeal(ada_.account.id, new_id(1), "What?").error().code, Errc::not_found);
  EXPECT_EQ(moderation_->appeal(ada_.account.id, made.id, " ").error().code, Errc::invalid_argument);
  EXPECT_EQ(moderation_->appeal(ada_.account.id, made.id, std::string(appeal_characters_max + 1, 'x')).error().code,
            Errc::invalid_argument);
  clock_.advance(appeal_within_ms + 1);
  EXPECT_EQ(moderation_->appeal(ada_.account.id, made.id, "Late.").error().code, Errc::gone);
}

TEST_P(ModerationTest, limits_and_labels_stand_side_by_side_and_end_each_for_itself) {
  feed_.insert(clip_);
  const auto limited = decided(ModerationAction::limit, 7);
  EXPECT_EQ(video().state, VideoState::live) << "its page stays";
  EXPECT_FALSE(video().is_offered());
  EXPECT_FALSE(feed_.contains(clip_));
  EXPECT_FALSE(videos_->is_guarded(clip_)) << "its files are for everybody";
  EXPECT_TRUE(videos_->offered_ids("", 10)->empty());
  const auto labelled = decided(ModerationAction::label);
  EXPECT_EQ(video().imposed_labels, (std::set{VideoLabel::sensitive, VideoLabel::ai_made}));
  EXPECT_TRUE(video().limited);
  const auto removed = decided(ModerationAction::remove);
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, removed.id, "No."));
  const auto appeal = moderation_->appeals(max_.account.id)->front().appeal.id;
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, appeal, AppealOutcome::reversed, "Right."));
  EXPECT_EQ(video().state, VideoState::live);
  EXPECT_TRUE(video().limited) << "the other decision stands";
  clock_.advance(7 * day_ms);
  ASSERT_TRUE(moderation_->keep_up());
  EXPECT_FALSE(video().limited);
  EXPECT_TRUE(feed_.contains(clip_));
  EXPECT_TRUE(video().has_label(VideoLabel::sensitive));
  EXPECT_FALSE(statements(ada_).back().in_force);
}

TEST_P(ModerationTest, what_is_limited_does_not_trend_and_what_is_removed_is_not_found) {
  const auto trend = [&] { return Trends(*database_, clock_).now()->videos; };
  const auto found = [&] {
    return database_->query("SELECT 1 FROM search_videos WHERE video_id = $1", {clip_})->size() == 1;
  };
  ASSERT_TRUE(videos_->count(std::vector<Counted>{{clip_, 5'000, 0}}, 1));
  EXPECT_EQ(trend(), std::vector{clip_});
  decided(ModerationAction::limit);
  EXPECT_TRUE(trend().empty());
  EXPECT_TRUE(found());
  const auto removed = decided(ModerationAction::remove);
  EXPECT_FALSE(found());
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, removed.id, "No."));
  const auto appeal = moderation_->appeals(max_.account.id)->front().appeal.id;
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, appeal, AppealOutcome::reversed, "Right."));
  EXPECT_TRUE(found());
}

TEST_P(ModerationTest, a_feed_that_cannot_be_told_is_told_later) {
  feed_.insert(clip_);
  feed_is_away_ = true;
  decided(ModerationAction::limit);
  EXPECT_TRUE(feed_.contains(clip_));
  EXPECT_FALSE(moderation_->keep_up());
  feed_is_away_ = false;
  ASSERT_TRUE(moderation_->keep_up());
  EXPECT_FALSE(feed_.contains(clip_));
}

TEST_P(ModerationTest, an_account_is_suspended_for_a_time) {
  const auto made = decided(mia_, account(ada_), decision(ModerationAction::suspend, 3));
  const auto suspended = [&] { return accounts_->by_handle("ada")->is_suspended(clock_.now()); };
  EXPECT_TRUE(suspended());
  EXPECT_EQ(accounts_->by_handle("ada")->suspended_for, "It breaks it.");
  EXPECT_EQ(made.until, made.made_at + 3 * day_ms);
  EXPECT_EQ(said(), std::vector<std::string>{fmt::format("suspend House rule 3 {}", *made.until / 1000)});
  decided(mia_, clip(), decision(ModerationAction::suspend, 5));
  clock_.advance(4 * day_ms);
  ASSERT_TRUE(moderation_->keep_up());
  EXPECT_TRUE(suspended()) << "the longer one lasts";
  clock_.advance(2 * day_ms);
  EXPECT_FALSE(suspended());
  const auto again = decided(mia_, account(ada_), decision(ModerationAction::suspend, 3));
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, again.id, "Not me."));
  const auto appeal = moderation_->appeals(max_.account.id)->front().appeal.id;
  ASSERT_TRUE(moderation_->decide_appeal(max_.account.id, appeal, AppealOutcome::reversed, "Not her."));
  EXPECT_FALSE(suspended());
}

TEST_P(ModerationTest, a_warning_restricts_nothing_and_can_be_appealed) {
  const auto made = decided(ModerationAction::warn);
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(video().state, VideoState::live);
  EXPECT_TRUE(moderation_->appeal(ada_.account.id, made.id, "Why?"));
}

TEST_P(ModerationTest, a_comment_is_taken_away_and_brought_back) {
  const auto id = comment_of(max_, "Fool.");
  const auto made = decided(mia_, {TargetKind::comment, id}, decision(ModerationAction::remove));
  EXPECT_FALSE(sees(bob_, id));
  EXPECT_FALSE(sees(ada_, id)) << "nor does the video's creator";
  EXPECT_TRUE(sees(max_, id)) << "its author does";
  EXPECT_EQ(video().comments, 0);
  EXPECT_FALSE(comments_->approve(ada_.account.id, id)) << "it is not the creator's to bring back";
  EXPECT_TRUE(comments_->held(ada_.account.id, "")->items.empty());
  EXPECT_EQ(comments_->approve(max_.account.id, id).error().code, Errc::forbidden);
  ASSERT_TRUE(moderation_->appeal(max_.account.id, made.id, "A joke."));
  EXPECT_FALSE(moderation_->appeals(max_.account.id)->front().may_decide) << "a moderator does not judge themselves";
  const auto appeal = moderation_->appeals(bob_.account.id)->front().appeal.id;
  ASSERT_TRUE(moderation_->decide_appeal(bob_.account.id, appeal, AppealOutcome::reversed, "It was."));
  EXPECT_TRUE(sees(bob_, id));
  EXPECT_EQ(video().comments, 1);
}

TEST_P(ModerationTest, a_comment_that_waited_for_its_creator_waits_again) {
  ASSERT_TRUE(comments_->set_rules(ada_.account.id, {.hold = Hold::everything}));
  const auto id = comment_of(bob_, "Buy now!");
  ASSERT_TRUE(moderation_->set_rules({.words = {{"buy", RuleOutcome::hold}}}));
  ASSERT_TRUE(moderation_->screen_words({TargetKind::comment, id}));
  EXPECT_TRUE(comments_->held(ada_.account.id, "")->items.empty());
  ASSERT_TRUE(moderation_->claim(mia_.account.id, case_id()));
  ASSERT_TRUE(moderation_->decide(mia_.account.id, case_id(), decision(ModerationAction::no_action)));
  EXPECT_EQ(comments_->held(ada_.account.id, "")->items.size(), 1u);
  EXPECT_FALSE(sees(max_, id));
}

// --- automatic rules

TEST_P(ModerationTest, a_rule_holds_a_video_before_anybody_sees_it_and_says_so) {
  const std::string hash(64, 'a');
  ASSERT_TRUE(
      moderation_->set_rules({.words = {{"Buy now", RuleOutcome::queue}}, .hashes = {{hash, RuleOutcome::hold}}}));
  const auto id = video_of(ada_, "a seal");
  ASSERT_TRUE(moderation_->screen_upload(id, hash));
  ASSERT_TRUE(moderation_->screen_upload(id, hash)) << "again, after a crash";
  ASSERT_TRUE(videos_->publish(id, {.duration_ms = 1000, .width = 90, .height = 160, .poster_key = "p"}));
  EXPECT_EQ(videos_->by_id(id)->state, VideoState::held);
  EXPECT_TRUE(videos_->is_guarded(id));
  ASSERT_EQ(statements(ada_).size(), 1u);
  const auto held = statements(ada_).front();
  EXPECT_TRUE(held.automated);
  EXPECT_EQ(held.action, ModerationAction::hold);
  EXPECT_EQ(said(), std::vector<std::string>{"hold automatic rule: files 0"});
  const auto queue = *moderation_->queue();
  ASSERT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue[0].newest.size(), 1u);
  EXPECT_EQ(queue[0].newest[0].reason, ReportReason::rule);
  EXPECT_EQ(queue[0].in_force.size(), 1u);

  reopen();
  EXPECT_TRUE(videos_->is_guarded(id)) << "after a restart as well";
  ASSERT_TRUE(moderation_->claim(mia_.account.id, queue[0].id));
  ASSERT_TRUE(moderation_->decide(mia_.account.id, queue[0].id, decision(ModerationAction::no_action)));
  EXPECT_EQ(videos_->by_id(id)->state, VideoState::live);
  EXPECT_TRUE(feed_.contains(id));
  EXPECT_EQ(said().back(), "end a moderator has looked 0");
  EXPECT_FALSE(statements(ada_).front().in_force);
}

TEST_P(ModerationTest, a_hold_can_be_appealed_to_any_moderator) {
  const std::string hash(64, 'b');
  ASSERT_TRUE(moderation_->set_rules({.hashes = {{hash, RuleOutcome::hold}}}));
  const auto id = live_video_of(ada_);
  ASSERT_TRUE(moderation_->screen_upload(id, hash));
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, statements(ada_).front().id, "I made it."));
  const auto appeals = *moderation_->appeals(mia_.account.id);
  ASSERT_TRUE(appeals.front().may_decide);
  ASSERT_TRUE(moderation_->decide_appeal(mia_.account.id, appeals.front().appeal.id, AppealOutcome::reversed, "Fine."));
  EXPECT_EQ(videos_->by_id(id)->state, VideoState::live);
}

TEST_P(ModerationTest, words_are_found_whole_and_whatever_their_case) {
  ASSERT_TRUE(moderation_->set_rules({.words = {{"Buy Now", RuleOutcome::queue}, {"ÄRGER", RuleOutcome::hold}}}));
  const auto acts = [&](std::string caption) {
    const auto id = video_of(ada_, std::move(caption));
    EXPECT_TRUE(moderation_->screen_words({TargetKind::video, id}));
    const auto found = statements(ada_);
    return !found.empty() && found.front().target.id == id ? name(found.front().action) : "none";
  };
  EXPECT_EQ(acts("buy, now!"), "review");
  EXPECT_EQ(acts("buy nowhere"), "none");
  EXPECT_EQ(acts("so viel #ärger"), "hold");
  EXPECT_EQ(acts("ärgerlich"), "none");
  EXPECT_EQ(acts("buy now, Ärger"), "hold");
  ASSERT_TRUE(accounts_->edit(bob_.account.id, {.bio = "Buy now"}));
  ASSERT_TRUE(moderation_->screen_words(account(bob_)));
  EXPECT_EQ(statements(bob_).front().action, ModerationAction::review) << "an account is not held";
  EXPECT_EQ(moderation_->appeal(bob_.account.id, statements(bob_).front().id, "Why?").error().code,
            Errc::unprocessable);
}

TEST_P(ModerationTest, words_are_found_in_what_is_said) {
  ASSERT_TRUE(moderation_->set_rules({.words = {{"buy now", RuleOutcome::hold}}}));
  const auto captions = Captions::open(*database_, clock_);
  const auto id = live_video_of(ada_);
  const std::vector<Cue> cues = {{0, 500, "So\nbuy"}, {500, 900, "now."}};
  ASSERT_TRUE((*captions)->put(id, "en", cues, CaptionOrigin::automatic));
  ASSERT_TRUE(moderation_->screen_words({TargetKind::video, id}));
  EXPECT_EQ(videos_->by_id(id)->state, VideoState::held);
}

TEST_P(ModerationTest, who_posts_too_fast_is_looked_at) {
  ASSERT_TRUE(moderation_->set_rules({.videos_per_hour = 3, .rate_outcome = RuleOutcome::hold}));
  for (int i = 0; i < 2; ++i) {
    const auto id = video_of(ada_);
    ASSERT_TRUE(moderation_->screen_upload(id, ""));
    EXPECT_EQ(videos_->by_id(id)->state, VideoState::processing);
  }
  const auto fourth = video_of(ada_);
  ASSERT_TRUE(moderation_->screen_upload(fourth, ""));
  EXPECT_EQ(videos_->by_id(fourth)->state, VideoState::held);
  clock_.advance(61 * minute_ms);
  const auto later = video_of(ada_);
  ASSERT_TRUE(moderation_->screen_upload(later, ""));
  EXPECT_EQ(videos_->by_id(later)->state, VideoState::processing);
}

TEST_P(ModerationTest, rules_have_limits_and_are_kept_in_order) {
  const auto refused = [&](const AutomaticRules& rules) { return moderation_->set_rules(rules).error().code; };
  EXPECT_EQ(refused({.words = {{"", RuleOutcome::queue}}}), Errc::invalid_argument);
  EXPECT_EQ(refused({.words = {{"!!!", RuleOutcome::queue}}}), Errc::invalid_argument) << "it would be in every text";
  EXPECT_EQ(refused({.words = {{std::string(held_word_characters_max + 1, 'x'), RuleOutcome::queue}}}),
            Errc::invalid_argument);
  EXPECT_EQ(refused({.hashes = {{"abc", RuleOutcome::queue}}}), Errc::invalid_argument);
  EXPECT_EQ(refused({.videos_per_hour = -1}), Errc::invalid_argument);
  EXPECT_EQ(refused({.videos_per_hour = rule_videos_per_hour_max + 1}), Errc::invalid_argument);
  EXPECT_EQ(refused({.words = std::vector<AutomaticRules::Word>(rule_words_max + 1, {"x", RuleOutcome::queue})}),
            Errc::invalid_argument);
  ASSERT_TRUE(moderation_->set_rules(
      {.words = {{"b", RuleOutcome::hold}, {" a ", RuleOutcome::queue}, {"b", RuleOutcome::queue}},
       .videos_per_hour = 9}));
  const auto kept = *moderation_->rules();
  ASSERT_EQ(kept.words.size(), 2u);
  EXPECT_EQ(kept.words[0].text, "a");
  EXPECT_EQ(kept.words[1].outcome, RuleOutcome::hold);
  EXPECT_EQ(kept.videos_per_hour, 9);
}

// --- erasure

TEST_P(ModerationTest, an_erased_account_leaves_decisions_without_a_person) {
  const auto made = decided(ModerationAction::remove);
  ASSERT_TRUE(moderation_->appeal(ada_.account.id, made.id, "My name is Ada."));
  ASSERT_TRUE(report(bob_, account(ada_)));
  ASSERT_TRUE(accounts_->erase(ada_.account.id));
  EXPECT_EQ(database_->query("SELECT 1 FROM moderation_decisions")->size(), 1u) << "that it was done stays";
  for (const char* table : {"moderation_statements", "moderation_appeals", "moderation_cases"})
    EXPECT_TRUE(database_->query(fmt::format("SELECT 1 FROM {}", table))->empty()) << table;
  const auto reports = *moderation_->reports_of(bob_.account.id);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_FALSE(reports[0].open);
  EXPECT_FALSE(reports[0].outcome) << "it has gone";
  EXPECT_TRUE(reports[1].outcome);
  ASSERT_TRUE(accounts_->erase(bob_.account.id));
  EXPECT_TRUE(database_->query("SELECT 1 FROM moderation_reports")->empty());
  ASSERT_TRUE(accounts_->erase(mia_.account.id)) << "and whoever decided may go";
  EXPECT_TRUE(database_->query("SELECT 1 FROM moderation_decisions WHERE decided_by IS NOT NULL")->empty());
}

TEST_P(ModerationTest, moderators_are_a_role_that_is_given_and_taken) {
  Moderators moderators(*database_, clock_);
  EXPECT_TRUE(*moderators.has(mia_.account.id));
  EXPECT_FALSE(*moderators.has(ada_.account.id));
  EXPECT_EQ(moderators.add("mia").error().code, Errc::conflict);
  EXPECT_EQ(moderators.add("nobody").error().code, Errc::not_found);
  ASSERT_TRUE(moderators.remove("mia"));
  EXPECT_FALSE(*moderators.has(mia_.account.id));
  EXPECT_EQ(moderators.remove("mia").error().code, Errc::not_found);
}

}  // namespace
}  // namespace vitrine::social
