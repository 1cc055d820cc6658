// What is found, in which order, on either engine: every expectation here is the same for both.
#include "social/search.hpp"

#include <random>

#include "social/captions.hpp"
#include "social/common_searches.hpp"
#include "social/regions.hpp"
#include "social/search_index.hpp"
#include "social/search_text.hpp"
#include "social/testing.hpp"
#include "social/trends.hpp"

namespace vitrine::social {
namespace {

constexpr TimeMs day_ms = 24LL * 3600 * 1000;
constexpr PublishedMedia media{.duration_ms = 1000, .width = 90, .height = 160};

class SearchTest : public SocialTest {
 protected:
  void SetUp() override {
    SocialTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    search_ = std::move(Search::open(*database_, clock_).value());
  }

  /// Without a password: hashing one takes a while.
  std::string person(std::string_view handle, std::string_view display_name = "") {
    std::string id;
    EXPECT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
      VT_TRY(const auto made, accounts_->create_without_password(
                                  session, {.handle = std::string(handle), .display_name = std::string(display_name)}));
      id = made.first.id;
      return {};
    }));
    clock_.advance(1);
    return id;
  }
  std::string processing_video(const std::string& creator, std::string caption) {
    std::string id = new_id(clock_.now());
    clock_.advance(1);
    EXPECT_TRUE(videos_->create({id, creator, caption, {}, {}}));
    names_[id] = std::move(caption);
    return id;
  }
  std::string video(const std::string& creator, std::string caption, std::int64_t views = 0) {
    std::string id = processing_video(creator, std::move(caption));
    EXPECT_TRUE(videos_->publish(id, media));
    if (views > 0) count(id, views);
    return id;
  }
  void count(const std::string& id, std::int64_t views) {
    const std::vector<Counted> counts = {{id, views, 0}};
    EXPECT_TRUE(videos_->count(counts, 1));
  }

  /// The captions of what is found, in its order.
  std::vector<std::string> found(std::string_view query) { return captions(*search_->videos(query, "", 50)); }
  std::vector<std::string> captions(const FoundPage& page) {
    std::vector<std::string> list;
    for (const auto& id : page.ids) list.push_back(names_.at(id));
    return list;
  }
  std::vector<std::string> found_handles(std::string_view query) {
    std::vector<std::string> list;
    const auto page = search_->accounts(query, "", 50).value();
    for (const auto& id : page.ids) list.push_back(accounts_->by_id(id)->handle);
    return list;
  }
  std::string suggested(std::string_view query) {
    std::string text;
    const auto suggestions = search_->suggestions(query).value();
    for (const auto& one : suggestions) text += fmt::format("{} {}, ", name(one.kind), one.text);
    return text;
  }

  using Texts = std::vector<std::string>;
  std::unique_ptr<Search> search_;
  std::map<std::string, std::string> names_;  ///< captions by id
};
INSTANTIATE_TEST_SUITE_P(Engines, SearchTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(SearchTest, every_word_counts_and_the_last_may_be_unfinished) {
  const auto ada = person("ada");
  video(ada, "Boats at sea");
  video(ada, "Seals at night");
  EXPECT_EQ(found("boats sea"), Texts{"Boats at sea"});
  EXPECT_EQ(found("at sea"), (Texts{"Boats at sea", "Seals at night"}));
  EXPECT_EQ(found("se at"), Texts{}) << "only the last word may be unfinished";
  EXPECT_EQ(found("seals n"), Texts{"Seals at night"});
  EXPECT_EQ(found("seals s"), (Texts{"Seals at night"})) << "one word may answer two";
  EXPECT_EQ(found("seals ig"), Texts{}) << "only beginnings count";
  EXPECT_EQ(found("BOÁTS"), Texts{"Boats at sea"});
  EXPECT_EQ(found("boats at sea at night"), Texts{});
  EXPECT_EQ(found("ada boats"), Texts{"Boats at sea"}) << "a creator's handle is a word of their videos";
  EXPECT_EQ(found(""), Texts{});
  EXPECT_EQ(found("?!"), Texts{});
}

TEST_P(SearchTest, scripts_of_the_world) {
  const auto ada = person("ada");
  for (const char* caption : {"東京タワーの夜", "Łódź nocą", "שלום עולם", "مُحَمَّد", "नमस्ते दुनिया", "สวัสดีชาวโลก",
                              "서울에서 만나요", "ΣΊΣΥΦΟΣ", "🐈 cat", "İstanbul"})
    video(ada, caption);
  const std::vector<std::pair<std::string_view, std::string_view>> searches = {{"東京", "東京タワーの夜"},
                                                                               {"タワー", "東京タワーの夜"},
                                                                               {"夜", "東京タワーの夜"},
                                                                               {"lodz", "Łódź nocą"},
                                                                               {"עולם", "שלום עולם"},
                                                                               {"محمد", "مُحَمَّد"},
                                                                               {"दुनि", "नमस्ते दुनिया"},
                                                                               {"สวัสดี", "สวัสดีชาวโลก"},
                                                                               {"서울", "서울에서 만나요"},
                                                                               {"σίσυφος", "ΣΊΣΥΦΟΣ"},
                                                                               {"🐈", "🐈 cat"},
                                                                               {"istanbul", "İstanbul"}};
  for (const auto& [query, caption] : searches) EXPECT_EQ(found(query), Texts{std::string(caption)}) << query;
  EXPECT_EQ(found("京東"), Texts{});
}

TEST_P(SearchTest, signs_mean_tags_and_handles) {
  const auto ada = person("ada.l");
  const auto bob = person("bob");
  video(ada, "sea and #black_cat");
  video(bob, "a black cat with ada.l in it");
  EXPECT_EQ(found("#black_cat"), Texts{"sea and #black_cat"});
  EXPECT_EQ(found("#bla"), Texts{"sea and #black_cat"});
  EXPECT_EQ(found("blackcat"), Texts{"sea and #black_cat"});
  EXPECT_EQ(found("#sea"), Texts{});
  EXPECT_EQ(found("@ada.l"), Texts{"sea and #black_cat"});
  EXPECT_EQ(found("@bob black"), Texts{"a black cat with ada.l in it"});
}

TEST_P(SearchTest, what_engines_take_for_syntax_is_text) {
  const auto ada = person("ada");
  video(ada, "plain and near");
  for (const std::string_view query : {"\"",
                                       "plain\"",
                                       "plain AND",
                                       "plain'",
                                       "plain' & '!near",
                                       "plain:*",
                                       "plain*",
                                       "-plain",
                                       "plain NEAR(near)",
                                       "words : plain",
                                       "^plain",
                                       "plain)",
                                       "(plain",
                                       "plain \\",
                                       "{plain} : near",
                                       "plain ~0",
                                       "plain | nothing",
                                       "plain <-> near",
                                       "plain; DROP TABLE videos",
                                       "%",
                                       "_",
                                       "\xe2\x80\x8f plain"})
    EXPECT_TRUE(search_->videos(query, "", 10)) << query;
  EXPECT_EQ(found("\"plain' & near:*"), Texts{"plain and near"});
  EXPECT_EQ(found("plain ~0"), Texts{}) << "tiers cannot be asked for";
  EXPECT_EQ(found("~0"), Texts{});
  EXPECT_EQ(search_->videos(std::string_view("pl\0ain", 6), "", 10).error().code, Errc::invalid_argument);
  EXPECT_EQ(search_->videos(std::string(101, 'x'), "", 10).error().code, Errc::invalid_argument);
  EXPECT_EQ(search_->suggestions("a\nb").error().code, Errc::invalid_argument);
}

TEST_P(SearchTest, tags_before_captions_the_viewed_and_the_new_before_others) {
  const auto ada = person("ada");
  video(ada, "old sea");
  clock_.advance(90 * day_ms);
  video(ada, "viewed sea", 5'000);
  video(ada, "new sea");
  video(ada, "seashore");
  video(ada, "tagged #sea");
  EXPECT_EQ(found("sea"), (Texts{"tagged #sea", "viewed sea", "new sea", "seashore", "old sea"}));
}

TEST_P(SearchTest, only_what_is_live_is_found_and_only_while_it_is) {
  const auto ada = person("ada");
  const auto clip = processing_video(ada, "a walrus #walrus");
  EXPECT_EQ(found("walrus"), Texts{});
  EXPECT_EQ(search_->tag_page("walrus", TagSort::newest, "", 10).error().code, Errc::not_found);
  ASSERT_TRUE(videos_->fail(clip, {"damaged", "Export it again."}));
  EXPECT_EQ(found("walrus"), Texts{});
  ASSERT_TRUE(videos_->publish(clip, media));
  ASSERT_TRUE(videos_->publish(clip, media)) << "further renditions";
  EXPECT_EQ(found("walrus").size(), 1u);
  EXPECT_EQ(search_->tag_page("walrus", TagSort::newest, "", 10)->videos, 1);
  ASSERT_TRUE(videos_->edit(clip, {.caption = "a seal", .tags = std::vector<std::string>{"seal"}}));
  EXPECT_EQ(found("walrus"), Texts{});
  EXPECT_EQ(search_->tag_page("walrus", TagSort::top, "", 10).error().code, Errc::not_found);
  EXPECT_EQ(found("seal").size(), 1u);
  ASSERT_TRUE(videos_->remove(clip));
  EXPECT_EQ(found("seal"), Texts{});
  EXPECT_EQ(suggested("seal"), "");
}

TEST_P(SearchTest, an_erased_account_takes_its_videos_along) {
  const auto ada = person("ada", "Ada Lovelace");
  const auto clip = video(ada, "engine #engine");
  count(clip, 50);
  EXPECT_EQ(found_handles("lovelace"), Texts{"ada"});
  ASSERT_TRUE(accounts_->erase(ada));
  EXPECT_EQ(found("engine"), Texts{});
  EXPECT_EQ(found_handles("ada"), Texts{});
  EXPECT_EQ(suggested("eng"), "");
  EXPECT_EQ(suggested("ad"), "");
  for (const char* table : {"search_videos", "search_accounts", "search_tags", "search_views"})
    EXPECT_EQ((*database_->query(fmt::format("SELECT COUNT(*) FROM {}", table)))[0].integer(0), 0) << table;
}

TEST_P(SearchTest, what_is_rolled_back_was_never_there) {
  const auto undone = database_->transaction(store::Access::write, [&](store::Session& session) -> Result<void> {
    VT_CHECK(accounts_->create_without_password(session, {.handle = "ghost"}));
    return fail(Errc::conflict, "undone");
  });
  EXPECT_FALSE(undone);
  EXPECT_EQ(found_handles("ghost"), Texts{});
}

TEST_P(SearchTest, accounts_by_handle_and_name) {
  const auto ada = person("ada", "Grace");
  person("ada_fan", "Bob");
  person("grace", "Grace H.");
  person("zed", "Ada Z.");
  const auto popular = person("adamant", "Popular");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(follows_->set(person(fmt::format("follower{}", i)), popular, true));
  clock_.advance(2 * 3600 * 1000);
  ASSERT_TRUE(search_->keep_up());
  EXPECT_EQ(found_handles("ada"), (Texts{"ada", "ada_fan", "zed", "adamant"}));
  EXPECT_EQ(found_handles("@ada_fan"), Texts{"ada_fan"});
  EXPECT_EQ(found_handles("grace"), (Texts{"grace", "ada"}));
  ASSERT_TRUE(accounts_->edit(ada, {.display_name = "Someone"}));
  EXPECT_EQ(found_handles("grace"), Texts{"grace"});
  EXPECT_EQ(found_handles("someone"), Texts{"ada"});
}

TEST_P(SearchTest, a_suspended_account_is_not_found_until_it_is_back) {
  const auto ada = person("ada");
  const auto suspend = [&](TimeMs until) {
    ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
      return accounts_->suspend(session, ada, until, "It breaks a rule.");
    }));
  };
  EXPECT_EQ(found_handles("ada"), Texts{"ada"});
  suspend(clock_.now() + day_ms);
  EXPECT_EQ(found_handles("ada"), Texts{});
  EXPECT_EQ(suggested("@ada"), "");
  ASSERT_TRUE(accounts_->edit(ada, {.display_name = "Ada"}));
  EXPECT_EQ(found_handles("ada"), Texts{}) << "also under a new name";
  suspend(0);
  EXPECT_EQ(found_handles("ada"), Texts{"ada"});
  EXPECT_EQ(suggested("@ada"), "account ada, ");
}

TEST_P(SearchTest, pages_are_whole_and_a_broken_cursor_is_refused) {
  const auto ada = person("ada");
  for (int i = 0; i < 23; ++i) video(ada, fmt::format("clip {} #clip", i), i % 3 * 50);
  const auto all = found("clip");
  Texts paged;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    const auto next = search_->videos("clip", cursor, 5);
    ASSERT_TRUE(next);
    for (auto& caption : captions(*next)) paged.push_back(std::move(caption));
    if (!next->next) break;
    cursor = *next->next;
    clock_.advance(day_ms);
  }
  EXPECT_EQ(paged, all);
  EXPECT_EQ(paged.size(), 23u);
  for (const std::string_view bad : {"x", "1", "1.2", "1.2.", "1.2.x", "-1.2.01arz3ndektsv4rrffq69g5fav", "1..2",
                                     "\xff", "99999999999999999999.1.01arz3ndektsv4rrffq69g5fav"}) {
    EXPECT_EQ(search_->videos("clip", bad, 5).error().code, Errc::invalid_argument) << bad;
    EXPECT_EQ(search_->accounts("clip", bad, 5).error().code, Errc::invalid_argument) << bad;
    EXPECT_EQ(search_->tag_page("clip", TagSort::top, bad, 5).error().code, Errc::invalid_argument) << bad;
    EXPECT_EQ(search_->tag_page("clip", TagSort::newest, bad, 5).error().code, Errc::invalid_argument) << bad;
  }
}

TEST_P(SearchTest, a_common_word_finds_the_newest_and_the_most_viewed) {
  const auto ada = person("ada");
  const auto viewed = video(ada, "sea long ago, seen by many", 200'000);
  const auto unseen = video(ada, "sea long ago, seen by none");
  for (std::size_t i = 0; i < candidates_max; ++i) video(ada, "sea");
  clock_.advance(day_ms);
  const auto page = *search_->videos("sea", "", candidates_max + 10);
  EXPECT_EQ(page.ids.front(), viewed);
  EXPECT_EQ(std::ranges::count(page.ids, unseen), 0) << "the bound of what is looked at";
  EXPECT_EQ(found("sea ago none"), Texts{"sea long ago, seen by none"}) << "more words find it";
}

/// Kept in memory is what half of all videos hold; what happens to a video in the meantime holds at once.
TEST_P(SearchTest, a_common_word_is_looked_up_anew_after_a_while) {
  const auto ada = person("ada");
  for (std::size_t i = 0; i < candidates_max; ++i) video(ada, "sea");
  ASSERT_EQ(search_->videos("sea", "", 1)->ids.size(), 1U);
  const auto later = video(ada, "sea and a rare word");
  EXPECT_NE(search_->videos("sea", "", 1)->ids.front(), later);
  EXPECT_EQ(search_->videos("rare sea", "", 1)->ids.front(), later);
  clock_.advance(common_search_age_ms_max);
  EXPECT_EQ(search_->videos("sea", "", 1)->ids.front(), later);
}

/// Whatever matches by the letter, and nothing else, is a candidate; on both engines.
TEST_P(SearchTest, finds_exactly_what_matches) {
  constexpr std::array words{"sea", "seal", "seals", "boat", "夜の海", "#sea", "#night_sky", "Łódź", "x1", "🐈"};
  std::minstd_rand random(7);
  const auto any = [&] { return std::string(words[random() % words.size()]); };
  const auto ada = person("ada");
  std::map<std::string, std::string> indexed;  // words by id
  for (int i = 0; i < 120; ++i) {
    const auto caption = any() + " " + any() + " " + any();
    const auto id = video(ada, caption);
    indexed[id] = words_of_name("ada", handle_sign) + " " + words_of(caption);
    const auto made = videos_->by_id(id).value();
    for (const auto& tag : made.tags) indexed[id] += " " + words_of_name(tag, tag_sign);
  }
  for (int i = 0; i < 60; ++i) {
    auto query = i % 2 ? any() : any() + " " + any();
    if (query.back() > 0 && i % 3 == 0) query.pop_back();
    const auto terms = terms_of(query);
    if (terms.empty()) continue;
    std::set<std::string> expected, got;
    for (const auto& [id, text] : indexed) {
      if (std::ranges::all_of(terms, [&](const Term& term) { return best_match(term, text) != Match::none; }))
        expected.insert(id);
    }
    const auto candidates = video_candidates(*database_, terms).value();
    for (const auto& one : candidates.videos) got.insert(one.id);
    EXPECT_EQ(got, expected) << query;
  }
}

TEST_P(SearchTest, a_missing_or_old_index_is_made_anew) {
  const auto ada = person("ada", "Ada L.");
  video(ada, "old words #sea", 5'000);
  ASSERT_TRUE(follows_->set(person("bob"), ada, true));
  run("UPDATE search_state SET version = 0");
  run("UPDATE search_videos SET caption = 'stale', tags = ''");
  run("DELETE FROM search_accounts");
  EXPECT_EQ(found("words"), Texts{});
  search_ = std::move(Search::open(*database_, clock_).value());
  EXPECT_EQ(found("words #sea"), Texts{"old words #sea"});
  EXPECT_EQ(found_handles("ada l"), Texts{"ada"});
  EXPECT_EQ((*database_->query("SELECT tier FROM search_videos"))[0].integer(0), 2);
  run("UPDATE search_videos SET caption = 'kept'");
  search_ = std::move(Search::open(*database_, clock_).value());
  EXPECT_EQ(found("kept").size(), 1u) << "an index of this version is left alone";
}

TEST_P(SearchTest, suggestions_forgive_typos) {
  const auto ada = person("ada.lovelace");
  person("adrian");
  video(ada, "Sunset over the harbour #sunset #sunny");
  video(ada, "Another #sunset");
  EXPECT_EQ(suggested("sunny"), "tag sunny, caption Sunset over the harbour #sunset #sunny, ");
  EXPECT_EQ(suggested("snuset"), "tag sunset, ");
  EXPECT_EQ(suggested("sumset"), "tag sunset, ");
  EXPECT_EQ(suggested("#sunn"), "tag sunny, tag sunset, ");
  EXPECT_EQ(suggested("@adalo"), "account ada.lovelace, ");
  EXPECT_EQ(suggested("ad"), "account ada.lovelace, account adrian, ");
  EXPECT_EQ(suggested("over the harb"), "caption Sunset over the harbour #sunset #sunny, ");
  EXPECT_EQ(suggested("xyz"), "");
  EXPECT_EQ(suggested(""), "");
  EXPECT_EQ(search_->tags("sunse")->front().videos, 2);
}

TEST_P(SearchTest, suggestions_are_few_and_their_weights_are_kept_up) {
  const auto ada = person("ada");
  for (int i = 0; i < 20; ++i) video(ada, fmt::format("#topic{} walk", i));
  EXPECT_EQ(search_->suggestions("topic")->size(), suggestions_max);
  const auto second = video(ada, "#topic7");
  EXPECT_EQ(search_->suggestions("topic")->front().text, "topic7");
  ASSERT_TRUE(videos_->remove(second));
  video(ada, "#topic9");
  clock_.advance(11 * 60 * 1000);
  ASSERT_TRUE(search_->keep_up());
  EXPECT_EQ(search_->suggestions("topic")->front().text, "topic9");
  video(ada, "a" + std::string(200, 'b') + " word");
  video(ada, "quite long: " + std::string(40, 'q') + " and more words");
  EXPECT_EQ(suggested("quite long"), "caption quite long: " + std::string(40, 'q') + " and…, ");
}

TEST_P(SearchTest, pages_of_a_tag) {
  const auto ada = person("ada");
  const auto first = video(ada, "1 #black_cat", 40);
  video(ada, "another tag #blackcat", 1'000);
  clock_.advance(day_ms);
  const auto second = video(ada, "2 #Black_Cat", 30);
  clock_.advance(day_ms);
  const auto third = video(ada, "3 #black_cat");
  const auto ids = [&](TagSort sort) { return search_->tag_page("#Black_Cat", sort, "", 10)->page.ids; };
  EXPECT_EQ(ids(TagSort::newest), (Texts{third, second, first}));
  EXPECT_EQ(ids(TagSort::top), (Texts{second, first, third}));
  const auto page = *search_->tag_page("black_cat", TagSort::newest, "", 2);
  EXPECT_EQ(page.tag, "black_cat");
  EXPECT_EQ(page.videos, 3);
  EXPECT_EQ(search_->tag_page("black_cat", TagSort::newest, *page.page.next, 2)->page.ids, Texts{first});
  const auto top = *search_->tag_page("black_cat", TagSort::top, "", 2);
  EXPECT_EQ(search_->tag_page("black_cat", TagSort::top, *top.page.next, 2)->page.ids, Texts{third});
  EXPECT_EQ(search_->tag_page("nobodys", TagSort::top, "", 2).error().code, Errc::not_found);
  EXPECT_EQ(search_->tag_page("two words", TagSort::top, "", 2).error().code, Errc::invalid_argument);
}

TEST_P(SearchTest, who_is_suspended_is_not_found_however_old_the_index) {
  const auto ada = person("ada_paints", "Ada");
  person("ada_draws", "Ada");
  ASSERT_TRUE(search_->keep_up());
  // As it was written before the index knew of suspensions.
  run("UPDATE accounts SET suspended_until = $2 WHERE id = $1", {ada, clock_.now() + day_ms});
  for (const auto* query : {"ada", "@ada_paints", "ada_p"}) {
    EXPECT_EQ(std::ranges::count(found_handles(query), "ada_paints"), 0) << query;
    EXPECT_FALSE(suggested(query).contains("ada_paints")) << query;
  }
  EXPECT_EQ(found_handles("ada"), Texts{"ada_draws"});
  run("UPDATE accounts SET suspended_until = 0 WHERE id = $1", {ada});
  clock_.advance(day_ms);
  ASSERT_TRUE(search_->keep_up());
  EXPECT_EQ(found_handles("ada").size(), 2u);
  EXPECT_TRUE(suggested("ada").contains("ada_paints"));
}

TEST_P(SearchTest, numbers_tell_nothing_of_what_is_not_public) {
  const auto ada = person("ada"), bob = person("bob");
  const auto open = video(ada, "open #harbour", trend_tag_views_min),
             kept = video(bob, "kept #harbour", trend_tag_views_min);
  Trends trends(*database_, clock_);
  const auto numbers = [&] {
    clock_.advance(trends_age_ms_max);
    const auto tags = search_->tags("harbour").value(), topics = videos_->topics("harbour", 9).value();
    const auto trending = trends.now().value();
    std::vector<std::int64_t> out;
    for (const auto& one : tags) out.push_back(one.videos);
    for (const auto& one : topics) out.push_back(one.videos);
    out.push_back(search_->tag_page("harbour", TagSort::top, "", 9)->videos);
    for (const auto& one : trending.tags) out.push_back(one.videos);
    out.push_back(std::ssize(trending.videos));
    return out;
  };
  const std::vector<std::int64_t> of_both{2, 2, 2, 2, 2}, of_one{1, 1, 1, 1};
  EXPECT_EQ(numbers(), of_both);
  for (const auto audience : {Audience::followers, Audience::link, Audience::only_me}) {
    ASSERT_TRUE(videos_->edit(kept, {.audience = audience}));
    count(kept, 1'000);
    EXPECT_TRUE(videos_->like(ada, kept, true));
    EXPECT_EQ(numbers(), of_one) << "and #harbour is of one creator";
    EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM search_views"))[0].integer(0), 1) << "nothing is kept of it";
  }
  ASSERT_TRUE(videos_->edit(kept, {.audience = Audience::everyone}));
  EXPECT_EQ(search_->tags("harbour")->front().videos, 2);
}

TEST_P(SearchTest, what_trends_in_a_language_are_videos_with_captions_in_it) {
  const auto captions = std::move(Captions::open(*database_, clock_).value());
  const std::vector<Cue> cues = {{0, 500, "x"}};
  const auto ada = person("ada");
  const auto silent = video(ada, "silent", trend_video_views_min * 3);
  const auto spoken = video(ada, "spoken", trend_video_views_min * 2);
  const auto few = video(ada, "few", trend_video_views_min - 1);
  for (const auto& [id, language] : {std::pair(spoken, "pt-BR"), {spoken, "en"}, {few, "fr"}})
    ASSERT_TRUE(captions->put(id, language, cues, CaptionOrigin::person));
  Trends trends(*database_, clock_);
  EXPECT_EQ(trends.now()->videos, (std::vector{silent, spoken}));
  EXPECT_EQ(trends.now("pt")->videos, std::vector{spoken});
  EXPECT_TRUE(trends.now("fr")->videos.empty()) << "too few views";
  EXPECT_TRUE(trends.now("de")->videos.empty());
  EXPECT_EQ(*trends.languages(), (std::vector<std::string>{"en", "pt"}));
}

/// Trends of regions: crowds of people who have chosen one.
class RegionTrendsTest : public SearchTest {
 protected:
  void SetUp() override {
    SearchTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    regions_ = std::move(Regions::open(*database_, clock_).value());
    trends_ = std::make_unique<Trends>(*database_, clock_);
  }
  Texts crowd(std::string_view name, std::int64_t people, const std::optional<std::string>& region) {
    Texts ids;
    for (std::int64_t i = 0; i < people; ++i) {
      ids.push_back(person(fmt::format("{}{}", name, i)));
      EXPECT_TRUE(regions_->set(ids.back(), region));
    }
    return ids;
  }
  void like(const Texts& people, const std::string& video) {
    for (const auto& one : people) EXPECT_TRUE(videos_->like(one, video, true));
  }
  std::optional<Trending> now_in(const std::string& region) {
    clock_.advance(trends_age_ms_max);
    return trends_->in_region(region).value();
  }
  Texts videos_in(const std::string& region) {
    const auto found = now_in(region);
    return found ? found->videos : Texts{"too few"};
  }

  std::unique_ptr<Regions> regions_;
  std::unique_ptr<Trends> trends_;
};
INSTANTIATE_TEST_SUITE_P(Engines, RegionTrendsTest, store::testing::both_engines(), store::testing::engine_name);

TEST_P(RegionTrendsTest, nothing_is_told_of_fewer_people_than_enough) {
  const auto ada = person("ada"), bob = person("bob");
  const auto known = video(ada, "known #both"), less = video(bob, "less #both #alone"), few = video(bob, "few #few");
  const auto germans = crowd("de", region_people_min + 2, "DE");
  const Texts enough(germans.begin() + 2, germans.end()), nearly(germans.begin() + 3, germans.end());
  clock_.advance(region_counts_after_ms);
  like(germans, known);
  like(enough, less);
  like(nearly, few);
  const auto found = now_in("DE");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->videos, (Texts{known, less}));
  ASSERT_EQ(found->tags.size(), 1u) << "#alone is of one creator, #few of too few people";
  EXPECT_EQ(found->tags[0].tag, "both");
  EXPECT_EQ(found->tags[0].videos, 2);
  EXPECT_EQ(found->tags[0].score, 0) << "a score would say how many they are";
  EXPECT_EQ(*trends_->regions(), Texts{"DE"});
  EXPECT_FALSE(now_in("NL"));
  ASSERT_TRUE(regions_->set(enough.front(), "NL"));
  EXPECT_EQ(videos_in("DE"), Texts{known}) << "one fewer is too few";
  ASSERT_TRUE(regions_->set(enough.back(), std::nullopt));
  EXPECT_EQ(videos_in("DE"), Texts{known});
  ASSERT_TRUE(accounts_->erase(germans.front()));
  EXPECT_EQ(videos_in("DE"), Texts{"too few"});
  EXPECT_EQ(*trends_->regions(), Texts{});
}

TEST_P(RegionTrendsTest, counts_likes_of_adults_who_have_chosen_it_for_a_day) {
  const auto ada = person("ada");
  const auto clip = video(ada, "clip");
  auto people = crowd("fr", region_people_min - 1, "FR");
  clock_.advance(region_counts_after_ms);
  like(people, clip);
  ASSERT_TRUE(regions_->set(ada, "FR"));
  like({ada}, clip);
  const auto young = somebody_young("young").account.id;
  ASSERT_TRUE(regions_->set(young, "FR"));
  like({young}, clip);
  clock_.advance(region_counts_after_ms);
  EXPECT_EQ(videos_in("FR"), Texts{"too few"}) << "neither the creator nor a minor is the last one";
  like(crowd("new", 1, "FR"), clip);
  EXPECT_EQ(videos_in("FR"), Texts{"too few"}) << "chosen just now";
  clock_.advance(region_counts_after_ms);
  EXPECT_EQ(videos_in("FR"), Texts{clip});
  ASSERT_TRUE(regions_->set(people.front(), "FR"));
  EXPECT_EQ(videos_in("FR"), Texts{clip}) << "said again it counts from when it was said first";
  clock_.advance(region_likes_age_ms_max);
  EXPECT_EQ(videos_in("FR"), Texts{"too few"}) << "likes of long ago";
}

TEST_P(RegionTrendsTest, what_is_not_public_or_limited_is_in_none) {
  const auto ada = person("ada");
  const auto clip = video(ada, "clip #tag"), other = video(person("bob"), "clip #tag");
  const auto people = crowd("jp", region_people_min, "JP");
  clock_.advance(region_counts_after_ms);
  for (const auto& one : {clip, other}) like(people, one);
  EXPECT_EQ(now_in("JP")->tags.size(), 1u);
  for (const auto audience : {Audience::followers, Audience::link, Audience::only_me}) {
    ASSERT_TRUE(videos_->edit(clip, {.audience = audience}));
    const auto found = now_in("JP");
    EXPECT_EQ(found->videos, Texts{other});
    EXPECT_TRUE(found->tags.empty()) << "its tag is of one creator now";
  }
  ASSERT_TRUE(videos_->edit(clip, {.audience = Audience::everyone}));
  ASSERT_TRUE(database_->transaction(store::Access::write, [&](store::Session& session) {
    return videos_->impose(session, clip, {.limited = true});
  }));
  EXPECT_EQ(videos_in("JP"), Texts{other});
}

TEST_P(RegionTrendsTest, a_region_is_a_country_or_none) {
  const auto ada = person("ada");
  EXPECT_EQ(*regions_->of_account(ada), std::nullopt);
  for (const auto* bad : {"", "de", "XX", "Germany", "EU"})
    EXPECT_EQ(regions_->set(ada, bad).error().code, Errc::invalid_argument) << bad;
  ASSERT_TRUE(regions_->set(ada, "DE"));
  ASSERT_TRUE(regions_->set(ada, "NL"));
  EXPECT_EQ(*regions_->of_account(ada), "NL");
  ASSERT_TRUE(regions_->set(ada, std::nullopt));
  EXPECT_EQ(*regions_->of_account(ada), std::nullopt);
}

TEST_P(SearchTest, what_is_watched_more_than_before_trends) {
  Trends trends(*database_, clock_);
  const auto ada = person("ada"), bob = person("bob");
  const auto steady = video(ada, "steady #steady"), steady2 = video(bob, "steady #steady");
  for (int quarter = 0; quarter < 32; ++quarter) {
    count(steady, 25);
    count(steady2, 25);
    clock_.advance(views_bucket_ms);
  }
  const auto rising = video(ada, "rising #rising"), small = video(bob, "small #rising");
  count(rising, 60);
  count(small, trend_video_views_min - 1);
  const auto alone = video(ada, "alone #alone");
  count(alone, 50);
  const auto now = *trends.now();
  EXPECT_EQ(now.videos, (Texts{rising, alone})) << "the steady one is as usual, the small one too small";
  ASSERT_EQ(now.tags.size(), 1u) << "one creator makes no trend";
  EXPECT_EQ(now.tags[0].tag, "rising");
  EXPECT_EQ(now.tags[0].videos, 2);
  EXPECT_GT(now.tags[0].score, trend_score(50, 0));
  EXPECT_LT(now.tags[0].score, trend_score(70, 0));
  EXPECT_NE(trending_definition().find(std::to_string(trend_tag_views_min)), std::string::npos);
  ASSERT_TRUE(videos_->remove(rising));
  ASSERT_TRUE(videos_->remove(small));
  EXPECT_TRUE(trends.now()->tags.empty()) << "what has left is not told, however fresh the list";
  clock_.advance(10 * day_ms);
  ASSERT_TRUE(trends.keep_up());
  EXPECT_EQ((*database_->query("SELECT COUNT(*) FROM search_views"))[0].integer(0), 0) << "counts are kept eight days";
  EXPECT_TRUE(trends.now()->videos.empty());
}

}  // namespace
}  // namespace vitrine::social
