// Entries are spelt as docs/formats/custody.md says, and nothing else is taken for one.
#include "custody/entries.hpp"

#include <gtest/gtest.h>

#include "base/id.hpp"

namespace vitrine::custody {
namespace {

constexpr std::int64_t bucket = 1'790'000'000 / bucket_s * bucket_s;
const std::string demand_id = new_id(1'790'000'000'000);
const entry::DemandContent content{"Court of Amsterdam", "Sv 126nd", "contact", "NL", "home"};
const crypto::Hash hash = crypto::sha256("x");
const std::string spelt_hash = crypto::base64(hash);

TEST(Entries, are_spelt_as_the_page_on_formats_says) {
  EXPECT_EQ((entry::Alarm{7, "log", "split"}.text()),
            R"({"about":"log","bucket_s":7,"kind":"alarm","text":"split","v":1})");
  EXPECT_EQ((entry::Retention{7, 0}.text()), R"({"bucket_s":7,"kind":"retention","older":0,"v":1})");
  EXPECT_EQ((entry::Intervention{7, "weights", "operator", "for-you", "settings changed", 0}.text()),
            R"({"action":"weights","bucket_s":7,"by":"operator","kind":"intervention","target":"for-you","until_s":0,)"
            R"("v":1,"why":"settings changed"})");
  EXPECT_EQ((entry::Build{7, hash, "0.1"}.text()),
            fmt::format(R"({{"bucket_s":7,"kind":"build","sha256":"{}","v":1,"version":"0.1"}})", spelt_hash));
  EXPECT_EQ((entry::Model{7, hash}.text()),
            fmt::format(R"({{"bucket_s":7,"kind":"model","sha256":"{}","v":1}})", spelt_hash));
  EXPECT_EQ((entry::Demand{7, demand_id, content}.text()),
            fmt::format(R"({{"authority":"Court of Amsterdam","basis":"Sv 126nd","bucket_s":7,"class":"contact",)"
                        R"("country":"NL","id":"{}","kind":"demand","v":1,"zone":"home"}})",
                        demand_id));
  EXPECT_EQ((entry::SealedDemand{7, demand_id, hash, 9}.text()),
            fmt::format(R"({{"bucket_s":7,"commitment":"{}","id":"{}","kind":"demand","open_by_s":9,"v":1}})",
                        spelt_hash, demand_id));
  EXPECT_EQ((entry::Disclosed{7, demand_id, Outcome::partly, "two of three"}.text()),
            fmt::format(R"({{"bucket_s":7,"demand":"{}","kind":"disclosure","outcome":"partly",)"
                        R"("reason":"two of three","v":1}})",
                        demand_id));
  EXPECT_EQ(content.text(),
            R"({"authority":"Court of Amsterdam","basis":"Sv 126nd","class":"contact","country":"NL","zone":"home"})");
}

/// What is spelt is read, and spelt again as it was.
template <class T>
void expect_read(const T& entry) {
  const auto read = read_entry(entry.text());
  ASSERT_TRUE(read) << read.error().message << ": " << entry.text();
  ASSERT_TRUE(std::holds_alternative<T>(*read)) << entry.text();
  EXPECT_EQ(std::get<T>(*read).text(), entry.text());
}

TEST(Entries, are_read_as_written) {
  const Member member{.id = "s-1", .role = Role::overseer, .zone = "home", .cose_key = "key", .key = {}};
  expect_read(entry::Joined{bucket, member});
  expect_read(entry::Left{bucket, "s-1"});
  expect_read(entry::Announced{bucket, spelt_hash});
  expect_read(entry::Erased{bucket, {"a", "b"}});
  expect_read(entry::Demand{bucket, demand_id, content});
  expect_read(entry::SealedDemand{bucket, demand_id, hash, bucket + 9});
  expect_read(entry::Disclosed{bucket, demand_id, Outcome::complied, ""});
  expect_read(entry::Unsealed{bucket, demand_id, content.text(), hash});
  expect_read(entry::Alarm{bucket, "log", "split view"});
  expect_read(entry::Retention{bucket, 3});
  expect_read(entry::Intervention{bucket, "cap", "mia", "clip", "a court said so", bucket + 9});
  expect_read(entry::Build{bucket, hash, "0.1"});
  expect_read(entry::Model{bucket, hash});
}

TEST(Entries, of_openings_are_read) {
  const Member reader{.id = "mia", .role = Role::staff, .zone = "home", .cose_key = "key", .key = {}};
  const Request request{.id = demand_id,
                        .reader = "mia",
                        .purpose = "abuse-case",
                        .case_id = "7",
                        .data_class = "contact",
                        .zone = "home",
                        .records = {demand_id},
                        .created_s = bucket};
  const std::vector<std::string> tags = {std::string(16, 't'), std::string(16, 'u')};
  const auto nonce = std::string(nonce_bytes, 'n');
  const auto opened = read_entry(access_entry(request, reader, bucket, nonce, std::span(tags).first(1), hash));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_FALSE(std::get<entry::Opened>(*opened).batch);
  EXPECT_EQ(std::get<entry::Opened>(*opened).reader, "mia");
  const Member machine{.id = "vault", .role = Role::service, .zone = "home", .cose_key = {}, .key = {}};
  const auto batch = read_entry(access_entry(request, machine, bucket, nonce, tags, hash));
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_TRUE(std::get<entry::Opened>(*batch).batch);
  EXPECT_EQ(std::get<entry::Opened>(*batch).count, 2);
}

/// An alarm with one member made another.
template <class T>
std::string alarm_with(std::string_view member, const T& value) {
  auto object = parse_json(entry::Alarm{bucket, "log", "text"}.text())->as_object();
  object[member] = value;
  return json::serialize(object);
}

TEST(Entries, that_are_not_as_their_kind_is_spelt_are_refused) {
  EXPECT_TRUE(read_entry(alarm_with("text", "another")));
  EXPECT_TRUE(read_entry(alarm_with("more", 1))) << "what a later version adds is passed over";
  EXPECT_TRUE(read_entry(alarm_with("text", std::string(entry::sentence_bytes_max, 'x'))));
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), alarm_with("kind", "nonsense"), alarm_with("kind", 1),
        alarm_with("v", 2), alarm_with("bucket_s", -1), alarm_with("bucket_s", std::int64_t{1} << 50),
        alarm_with("about", ""), alarm_with("about", std::string(entry::word_bytes_max + 1, 'x')),
        alarm_with("text", std::string(entry::sentence_bytes_max + 1, 'x')), alarm_with("text", nullptr)})
    EXPECT_FALSE(read_entry(text)) << text.substr(0, 100);
}

TEST(Entries, of_demands_name_a_country_and_a_class) {
  const auto with = [](auto change) {
    auto other = content;
    change(other);
    return entry::Demand{bucket, demand_id, other}.text();
  };
  EXPECT_TRUE(read_entry(with([](auto&) {})));
  EXPECT_FALSE(read_entry(with([](auto& one) { one.country = "nl"; })));
  EXPECT_FALSE(read_entry(with([](auto& one) { one.country = "NLD"; })));
  EXPECT_FALSE(read_entry(with([](auto& one) { one.data_class = "everything"; })));
  EXPECT_FALSE(read_entry(with([](auto& one) { one.authority = ""; })));
  EXPECT_FALSE(read_entry(with([](auto& one) { one.authority = std::string(entry::authority_bytes_max + 1, 'x'); })));
  EXPECT_FALSE(read_entry(entry::Demand{bucket, "not an id", content}.text()));
  EXPECT_FALSE(entry::read_demand_content(" " + content.text())) << "one spelling: the commitment is over it";
  EXPECT_EQ(*entry::read_demand_content(content.text()), content);
}

}  // namespace
}  // namespace vitrine::custody
