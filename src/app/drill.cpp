#include "app/drill.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "app/drill_world.hpp"
#include "app/key_file.hpp"
#include "app/markers.hpp"
#include "base/files.hpp"
#include "base/id.hpp"
#include "log/audit.hpp"
#include "log/witness.hpp"

namespace vitrine::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view address = "221B Baker Street, London";
constexpr std::string_view email = "source@newsroom.example";

// --- December: staff look for journalists -----------------------------------------------------------------------

Result<void> december(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  for (const char* journalist : {"journalist-1", "journalist-2"}) {
    VT_CHECK(world->keep(journalist, "address", address, true));
    VT_CHECK(world->keep(journalist, "contact", email, true));
  }
  http::Client http(world->household->socket("vault"));
  for (const char* look : {"/subjects?address=221B+Baker+Street", "/subjects?ip=203.0.113.7", "/subjects"}) {
    const auto answer = http.send(http::Method::get, look);
    report.tried(answer && answer->status == 404, fmt::format("find people: GET {}", look), "there is no such look-up");
  }
  for (const std::string journalist : {"journalist-1", "journalist-2"}) {
    report.must_fail(world->ask(world->mia, journalist, "address", "internal-investigation"),
                     journalist + ": the address, for an internal investigation", "no such purpose");
    report.must_fail(world->ask(world->mia, journalist, "address", "abuse-case"),
                     journalist + ": the address, as an abuse case", "not a purpose for this class");
    report.must_fail(world->open_field(world->mia, {}, journalist, "contact"),
                     journalist + ": the e-mail, signed by the reader alone", "needs 1 other signers");
    report.must_fail(world->open_field(world->mia, {&world->noor}, journalist, "contact"),
                     journalist + ": the e-mail, signed by a colleague too", "an overseer must sign");
    VT_TRY(const auto seen, world->receipts_in_log(journalist));
    report.tried(seen.size() == 4, journalist + " looks at the public log",
                 fmt::format("{} of 4 attempts carry a tag that only they recognise", seen.size()));
  }
  return {};
}

// --- a patched vault ----------------------------------------------------------------------------------------------

/// A vault whose operator changed it: it makes up what it sends, with everything a vault has.
class PatchedVault {
 public:
  explicit PatchedVault(DrillWorld& world) : world_(world) {}

  /// A release for a record, as an honest vault would ask it. Every part may be changed before it is sent.
  struct Release {
    custody::Request request;
    custody::Opening opening;
    json::array approvals;
    std::string entry, proof;
    crypto::Hash key{};
  };
  Release prepare(const custody::SealedRecord& record, const std::string& subject,
                  const std::string& purpose = "abuse-case") {
    Release out;
    crypto::random(out.key);
    out.request = {.id = new_id(world_.clock.now()),
                   .reader = "mia",
                   .purpose = purpose,
                   .case_id = "case of a drill",
                   .data_class = record.data_class,
                   .zone = record.zone,
                   .records = {record.id},
                   .created_s = world_.clock.now() / 1000};
    for (const auto* person : {&world_.mia, &world_.noor})
      out.approvals.push_back(
          person->passkey.approve(out.request, person->member.id, world_.household->rules().rp_id).to_json());
    out.opening = {.request = out.request.hash(), .vault_key = crypto::BoxKey(out.key).public_key()};
    crypto::random(out.opening.salt);
    crypto::Hash nonce;
    crypto::random(nonce);
    const auto short_nonce = crypto::text_of(nonce).substr(0, custody::nonce_bytes);
    out.entry = custody::access_entry(
        out.request, world_.mia.member, custody::bucket_of(world_.clock.now()), short_nonce,
        std::vector{custody::subject_tag(DrillWorld::receipt_key(subject), short_nonce)}, out.opening.commitment());
    return out;
  }
  Result<std::string> send(const Release& release, const custody::SealedRecord& record, int custodian) {
    const json::object body{
        {"approvals", release.approvals},
        {"boxes", json::array{crypto::base64(crypto::bytes_of(record.boxes[static_cast<std::size_t>(custodian - 1)]))}},
        {"entry", release.entry},
        {"opening", release.opening.to_json()},
        {"proof", release.proof},
        {"request", release.request.to_json()}};
    VT_TRY(const auto box, world_.post(fmt::format("custodian{}", custodian), "/release", json::serialize(body)));
    return crypto::BoxKey(release.key).open(box);
  }

 private:
  DrillWorld& world_;
};

Result<custody::Share> share_in(const std::string& answer) {
  return crypto::hash_from(std::string_view(answer).substr(1));
}

Result<void> patched_vault(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  VT_TRY(const auto ada, world->keep("ada", "contact", "ada@example.org"));
  VT_TRY(const auto eve, world->keep("eve", "contact", "eve@example.org"));
  PatchedVault vault(*world);

  auto honest = vault.prepare(ada, "ada");
  VT_TRY(honest.proof, world->append(honest.entry));
  report.must_work(vault.send(honest, ada, 1),
                   "what an honest vault sends, to see that the drill can tell the difference");

  auto skipped = vault.prepare(ada, "ada");
  skipped.proof = honest.proof;
  report.must_fail(vault.send(skipped, ada, 1), "skip: no entry in the log, the proof of another one",
                   "no trace in the log");
  report.must_fail(vault.send(honest, ada, 1), "replay: the same proof again", "ask anew");
  world->household->kill("custodian1");
  VT_CHECK(world->household->start("custodian1"));
  report.must_fail(vault.send(honest, ada, 1), "replay: the same proof after the custodian was killed", "ask anew");

  auto relabelled = vault.prepare(eve, "eve");
  VT_TRY(relabelled.proof, world->append(relabelled.entry));
  report.must_fail(vault.send(relabelled, ada, 1), "relabel: Eve's trace for Ada's box", "another record");
  auto hidden_subject = vault.prepare(ada, "somebody else");
  VT_TRY(hidden_subject.proof, world->append(hidden_subject.entry));
  report.must_fail(vault.send(hidden_subject, ada, 2), "relabel: a trace that Ada would not recognise",
                   "something else than the request");
  auto other_purpose = vault.prepare(ada, "ada");
  VT_TRY(other_purpose.proof, world->append(other_purpose.entry));
  other_purpose.request.purpose = "child-safety";
  report.must_fail(vault.send(other_purpose, ada, 2), "relabel: another purpose than the trace says",
                   "another request");

  auto first = vault.prepare(ada, "ada"), second = vault.prepare(ada, "ada");
  VT_TRY(first.proof, world->append(first.entry));
  VT_TRY(second.proof, world->append(second.entry));
  VT_TRY(const auto from_first, vault.send(first, ada, 1));
  VT_TRY(const auto from_second, vault.send(second, ada, 2));
  VT_TRY(const auto one, share_in(from_first));
  VT_TRY(const auto other, share_in(from_second));
  VT_TRY(const auto key, custody::join_key({{1, one}, {2, other}}));
  report.must_fail(custody::open_record(ada, key), "split: another entry for each of two custodians; both release",
                   "does not open");
  return {};
}

// --- an order from abroad -----------------------------------------------------------------------------------------

Result<void> foreign_order(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  VT_TRY(const auto record, world->keep("ada", "contact", "ada@example.org"));
  report.must_fail(world->ask(world->fern, "ada", "contact", "legal-demand"),
                   "an order served abroad, carried out by staff there", "another zone");
  // A refusal is public within a second; at once if somebody asks for a proof.
  VT_CHECK(world->append(R"({"kind":"drill"})"));
  VT_TRY(const auto seen, world->receipts_in_log("ada"));
  report.tried(seen.size() == 1 && seen.front().find("\"kind\":\"refusal\"") != std::string::npos,
               "the refusal is counted in public", seen.empty() ? "there is none" : seen.front());
  // The parent company has the vault's disk, and one custodian gives it his key.
  VT_TRY(const auto seed, key_file(world->household->path("custodian1/keys/custodian.key")));
  VT_TRY(const auto label, custody::open_box(crypto::BoxKey(seed), record.boxes[0]));
  VT_TRY(const auto key, custody::join_key({{1, label.share}}));
  report.must_fail(custody::open_record(record, key),
                   "the parent company with the vault's disk and one coerced custodian", "does not open");
  for (int i = 2; i <= 3; ++i)
    report.must_fail(custody::open_box(crypto::BoxKey(seed), record.boxes[static_cast<std::size_t>(i - 1)]),
                     fmt::format("the coerced key on custodian {}'s box", i), "not sealed to that key");
  return {};
}

// --- bulk ---------------------------------------------------------------------------------------------------------

Result<void> bulk(DrillReport& report) {
  constexpr int requests = 1'001, readers_limit = 600, zone_limit = 900;
  auto purposes = custody::default_purposes();
  purposes["abuse-case"].per_reader = readers_limit;
  purposes["abuse-case"].per_zone = zone_limit;
  VT_TRY(auto world, DrillWorld::open(std::move(purposes)));
  VT_CHECK(world->keep("ada", "contact", "ada@example.org"));
  fs::copy(world->household->path("custodian1"), world->household->path("older"), fs::copy_options::recursive);
  const auto batch = http::Client(world->household->socket("vault")).send(http::Method::post, "/read", {}, "{}");
  report.tried(batch && batch->status == 404, "read many records at once: POST /read", "there is no such way");
  int opened = 0, refused = 0;
  std::string last;
  for (int i = 0; i < requests; ++i) {
    // Two of staff take turns, so that neither meets their own limit first.
    const bool first = i % 2 == 0;
    const auto field =
        world->open_field(first ? world->mia : world->noor, {first ? &world->noor : &world->mia}, "ada", "contact");
    field ? ++opened : ++refused;
    if (!field) last = field.error().message;
  }
  report.tried(opened == zone_limit && refused == requests - zone_limit,
               fmt::format("{} requests by two readers", requests),
               fmt::format("{} opened, {} cut off ({})", opened, refused, last));
  for (const char* custodian : {"custodian1", "custodian2", "custodian3"}) {
    world->household->kill(custodian);
    VT_CHECK(world->household->start(custodian));
  }
  report.must_fail(world->open_field(world->mia, {&world->noor}, "ada", "contact"),
                   "again, after all custodians were killed and started", "are allowed");
  for (const char* custodian : {"custodian1", "custodian2", "custodian3"}) {
    world->household->stop(custodian);
    const auto state = world->household->path(std::string(custodian) + "/state.json");
    fs::remove(state);
    if (std::string_view(custodian) == "custodian1") fs::copy(world->household->path("older/state.json"), state);
    VT_CHECK(world->household->start(custodian));
  }
  report.must_fail(world->open_field(world->mia, {&world->noor}, "ada", "contact"),
                   "again, after their directories were set back to the first day", "are allowed");
  return {};
}

// --- the log's operator lies --------------------------------------------------------------------------------------

/// A log of the same name and key that leaves an entry out, in memory.
struct ForgedLog {
  std::map<std::string, std::string> files;
  tlog::Edge edge;
  std::string text;

  ForgedLog(const std::vector<std::string>& entries, const tlog::Signer& signer) {
    for (const auto& entry : entries) edge.add(entry);
    for (auto& [tile, bytes] : edge.take_tiles()) files[tlog::path_of(tile)] = std::move(bytes);
    text = tlog::Checkpoint{signer.verifier().name, edge.size(), edge.root()}.text();
    files["checkpoint"] = tlog::Note{text, {signer.sign(text, 0)}}.bytes();
  }
  [[nodiscard]] tlog::Fetch fetch() const {
    return [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found == files.end()) return fail(Errc::not_found, "{}", path);
      return found->second;
    };
  }
};

Result<tlog::Signer> log_signer(const Household& household) {
  VT_TRY(const auto seed, key_file(household.path("log/keys/log.key")));
  return tlog::Signer(household.rules().log.name, tlog::Algorithm::ed25519, seed);
}

Result<tlog::Audited> audit_as_outsider(const DrillWorld& world, const tlog::Fetch& fetch,
                                        const std::string& seen = "") {
  return tlog::audit(fetch,
                     {.log = world.household->rules().log, .policy = world.household->rules().witnesses, .seen = seen});
}

/// Asks a witness to cosign a forged checkpoint; 200 would be a cosignature.
Result<int> witness_answers(const DrillWorld& world, const std::string& checkpoint, std::uint64_t old_size) {
  http::Client witness(world.household->socket("witness1"));
  VT_TRY(const auto answer,
         witness.send(http::Method::post, "/add-checkpoint", {}, tlog::AddCheckpoint{old_size, {}, checkpoint}.text()));
  return answer.status;
}

Result<void> hidden_entry(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  VT_CHECK(world->keep("ada", "contact", "ada@example.org"));
  VT_CHECK(world->open_field(world->mia, {&world->noor}, "ada", "contact"));
  VT_TRY(auto entries, world->public_entries());
  VT_TRY(const auto receipts, world->receipts_in_log("ada"));
  report.tried(receipts.size() == 1, "Ada finds the opening in the log",
               fmt::format("{} entries carry her tag", receipts.size()));
  std::erase(entries, receipts.front());
  VT_TRY(const auto signer, log_signer(*world->household));
  ForgedLog forged(entries, signer);
  report.must_fail(audit_as_outsider(*world, forged.fetch()),
                   "the log is served without the entry, signed by its own key", "not enough");
  // The true checkpoint over the other entries.
  VT_TRY(forged.files["checkpoint"], fetch_from(world->household->socket("log"))("checkpoint"));
  report.must_fail(audit_as_outsider(*world, forged.fetch()),
                   "the log is served without the entry, under the true checkpoint", "withheld");
  VT_TRY(const auto told, world->vault->receipts("ada"));
  std::vector<std::string> claimed;
  for (const auto& one : told) claimed.push_back(one.entry);
  report.tried(claimed == receipts, "the vault's own list for Ada and the log agree; leaving it out of either is seen",
               fmt::format("{} and {}", claimed.size(), receipts.size()));
  return {};
}

Result<void> split_view(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  for (int i = 0; i < 5; ++i) VT_CHECK(world->append(fmt::format(R"({{"kind":"drill","n":{}}})", i)));
  const auto fetch = fetch_from(world->household->socket("log"));
  VT_TRY(const auto seen, audit_as_outsider(*world, fetch));
  VT_TRY(auto entries, world->public_entries());
  entries.back() = R"({"kind":"drill","n":"another"})";
  VT_TRY(const auto signer, log_signer(*world->household));
  const ForgedLog forged(entries, signer);
  VT_TRY(const int status, witness_answers(*world, forged.files.at("checkpoint"), entries.size()));
  report.tried(status == 422, "a witness is shown another tree of the same size, signed by the log's key",
               fmt::format("it answers {}", status));
  auto cosigned_by_one = forged;
  VT_TRY(const auto witness_seed, key_file(world->household->path("witness1/keys/witness.key")));
  const tlog::Signer coerced(world->household->rules().witnesses.witnesses()[0].key.name, tlog::Algorithm::cosignature,
                             witness_seed);
  cosigned_by_one.files["checkpoint"] += coerced.sign(forged.text, world->clock.now()).line();
  report.must_fail(audit_as_outsider(*world, cosigned_by_one.fetch()), "one coerced witness cosigns it", "not enough");
  VT_TRY(const auto second_seed, key_file(world->household->path("witness2/keys/witness.key")));
  const tlog::Signer second(world->household->rules().witnesses.witnesses()[1].key.name, tlog::Algorithm::cosignature,
                            second_seed);
  cosigned_by_one.files["checkpoint"] += second.sign(forged.text, world->clock.now()).line();
  report.must_fail(audit_as_outsider(*world, cosigned_by_one.fetch(), seen.note),
                   "even with both coerced: whoever saw the first tree notices", "split view");
  return {};
}

Result<void> rollback(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  auto& household = *world->household;
  VT_CHECK(world->append(R"({"kind":"drill","n":1})"));
  household.stop("log");
  fs::copy(household.path("log"), household.path("log.backup"), fs::copy_options::recursive);
  VT_CHECK(household.start("log"));
  VT_CHECK(world->append(R"({"kind":"drill","n":2})"));
  VT_TRY(const auto seen, audit_as_outsider(*world, fetch_from(household.socket("log"))));
  household.stop("log");
  fs::rename(household.path("log/tiles"), household.path("tiles.newer"));
  fs::copy(household.path("log.backup/tiles"), household.path("log/tiles"), fs::copy_options::recursive);
  report.must_fail(household.start("log"), "the tiles are restored from a backup", "did not start");
  fs::remove_all(household.path("log"));
  fs::copy(household.path("log.backup"), household.path("log"), fs::copy_options::recursive);
  VT_CHECK(household.start("log"));
  report.must_fail(world->append(R"({"kind":"drill","n":"another 2"})"),
                   "the whole directory is restored, keys and all; it takes entries again", "set back");
  const auto checkpoint = fetch_from(household.socket("log"))("checkpoint");
  const auto shown = audit_as_outsider(*world, fetch_from(household.socket("log")), seen.note);
  report.tried(!shown, "an outsider who saw the newer log looks again",
               shown ? "nothing is noticed" : shown.error().message);
  return {};
}

// --- what is on the disk ------------------------------------------------------------------------------------------

Result<void> markers(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  const std::map<std::string, std::string> planted = {{"contact", "marker-7f3a@planted.example"},
                                                      {"identity", "1987-06-05 marker-birth"},
                                                      {"network", "203.0.113.77 marker-ip"},
                                                      {"address", "77 Marker Lane, Plantedville"},
                                                      {"link", "marker-viewer-pseudonym"}};
  std::vector<std::string> texts;
  for (const auto& [data_class, text] : planted) {
    VT_CHECK(world->keep("ada", data_class, text));
    texts.push_back(text);
  }
  VT_TRY(const auto opened, world->open_field(world->mia, {&world->noor}, "ada", "contact"));
  report.tried(opened == planted.at("contact"), "a planted e-mail is sealed and opened", "it comes back");
  std::size_t files = 0;
  VT_TRY(const auto hits, find_markers(world->household->path(""), texts, files));
  report.tried(hits.empty() && files > 20,
               fmt::format("{} markers are looked for in every file of every role", texts.size()),
               fmt::format("{} hits in {} files", hits.size(), files));
  VT_CHECK(write_file_durably(world->household->path("careless.log"), "sent mail to " + texts.front()));
  VT_TRY(const auto found, find_markers(world->household->path(""), texts, files));
  report.tried(found.size() == 1, "a careless log line is planted, to see that the search finds",
               fmt::format("{} hit", found.size()));
  return {};
}

Result<void> restore(DrillReport& report) {
  VT_TRY(auto world, DrillWorld::open());
  VT_CHECK(world->keep("ada", "contact", "ada@example.org"));
  auto& household = *world->household;
  report.must_work(world->open_field(world->mia, {&world->noor}, "ada", "contact"),
                   "the field opens before its erasure");
  household.stop("vault");
  fs::copy(household.path("vault"), household.path("vault.backup"), fs::copy_options::recursive);
  VT_CHECK(household.start("vault"));
  VT_TRY(const auto erased, world->vault->erase("ada", ""));
  report.tried(erased == 1, "Ada deletes her data", fmt::format("{} record", erased));
  report.must_fail(world->open_field(world->mia, {&world->noor}, "ada", "contact"), "it is asked for again",
                   "nothing of that class");
  household.stop("vault");
  fs::remove_all(household.path("vault"));
  fs::rename(household.path("vault.backup"), household.path("vault"));
  VT_CHECK(household.start("vault"));
  report.must_fail(world->open_field(world->mia, {&world->noor}, "ada", "contact"),
                   "the vault is restored from a backup made before", "was erased");
  for (int i = 1; i <= 3; ++i) household.kill(fmt::format("custodian{}", i));
  VT_CHECK(household.start());
  report.must_fail(world->open_field(world->mia, {&world->noor}, "ada", "contact"),
                   "and the custodians are killed and started", "was erased");
  return {};
}

struct Drill {
  std::string_view name, promise;
  Result<void> (*run)(DrillReport&);
};

constexpr std::array<Drill, 9> drills{{
    {"december", "Staff cannot look journalists up, and the journalists see who tried", december},
    {"patched-vault", "A vault that skips, relabels, replays or splits opens nothing", patched_vault},
    {"foreign-order", "An order served abroad opens nothing, even with one custodian coerced", foreign_order},
    {"bulk", "Limits hold, whoever is restarted or set back", bulk},
    {"hidden-entry", "An opening cannot be left out of the log unseen", hidden_entry},
    {"split-view", "The log cannot show two people two histories", split_view},
    {"rollback", "A log set back to an older state signs nothing", rollback},
    {"markers", "Nothing personal stands in any file", markers},
    {"restore", "A backup does not bring back what was erased", restore},
}};

void print(const Drill& drill, const DrillReport& report, double seconds) {
  std::cout << fmt::format("{} {}: {} ({:.1f} s)\n", report.held() ? "HELD  " : "BROKEN", drill.name, drill.promise,
                           seconds);
  for (const auto& step : report.steps())
    std::cout << fmt::format("  {} {}\n       {}\n", step.held ? "ok  " : "FAIL", step.what, step.outcome);
  std::cout.flush();
}

json::object as_json(const Drill& drill, const DrillReport& report) {
  json::array steps;
  for (const auto& step : report.steps())
    steps.push_back(json::object{{"tried", step.what}, {"held", step.held}, {"outcome", step.outcome}});
  return {{"drill", drill.name}, {"promise", drill.promise}, {"held", report.held()}, {"steps", std::move(steps)}};
}

}  // namespace

std::vector<std::string> drill_names() {
  std::vector<std::string> out;
  for (const auto& drill : drills) out.emplace_back(drill.name);
  return out;
}

Result<void> run_drill(const DrillOptions& options) {
  json::array done;
  int broken = 0;
  if (!options.json)
    std::cout << "Every role is a process of its own. They all run on this machine, so this shows the mechanism, not "
                 "independence.\n";
  for (const auto& drill : drills) {
    if (options.name != "all" && options.name != drill.name) continue;
    const auto start = std::chrono::steady_clock::now();
    DrillReport report;
    if (auto run = drill.run(report); !run) report.tried(false, "the drill itself", run.error().message);
    if (!report.held()) ++broken;
    done.push_back(as_json(drill, report));
    if (!options.json)
      print(drill, report, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  if (options.json) std::cout << json::serialize(json::object{{"drills", std::move(done)}, {"broken", broken}}) << "\n";
  if (broken > 0) return fail(Errc::unprocessable, "{} drills did not hold: see above", broken);
  return {};
}

}  // namespace vitrine::app
