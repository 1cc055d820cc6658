#include "app/demo_script.hpp"

#include <fmt/args.h>

#include "base/result.hpp"

namespace vitrine::app::demo {
namespace {

constexpr int rules[clips_per_topic] = {30, 110, 90, 54, 150};
constexpr double tones_hz[clips_per_topic] = {110, 123.47, 146.83, 164.81, 196};
constexpr double duration_s_min = 6;
constexpr int durations = 7;  // whole seconds from duration_s_min

// Sounds, each around the tone {f}. Pads hold a chord, bells and plucks repeat, the rest is noise or rhythm.
constexpr std::string_view pad =
    "aevalsrc='0.16*(sin(2*PI*{f}*t)+0.8*sin(2*PI*{f}*1.25*t)+0.7*sin(2*PI*{f}*1.5*t))*(0.7+0.3*sin(2*PI*0.2*t))"
    "|0.16*(sin(2*PI*{f}*1.003*t)+0.8*sin(2*PI*{f}*1.25*t)+0.7*sin(2*PI*{f}*1.498*t))*(0.7+0.3*cos(2*PI*0.2*t))':s="
    "48000";
constexpr std::string_view plucks =
    "aevalsrc='0.4*sin(2*PI*{f}*2*pow(2,mod(floor(t*4)*{n},7)*2/"
    "12)*t)*exp(-5*mod(t,0.25))+0.15*sin(2*PI*{f}*t)':s=48000,"
    "aecho=0.8:0.6:120|240:0.4|0.25";
constexpr std::string_view bells =
    "aevalsrc='0.3*(sin(2*PI*{f}*4*t)+0.6*sin(2*PI*{f}*10.8*t)+0.3*sin(2*PI*{f}*21.6*t))*exp(-2.2*mod(t*(1+{v}*0.1),1."
    "5))'"
    ":s=48000,aecho=0.8:0.7:300:0.35";
constexpr std::string_view blips =
    "aevalsrc='0.25*sin(2*PI*{f}*2*pow(2,floor(6*abs(sin(floor(t*8)*12.9898*{n})))/"
    "6)*t)*exp(-14*mod(t,0.125))':s=48000,"
    "aecho=0.8:0.5:90:0.3";
constexpr std::string_view surf = "anoisesrc=c=brown:a=0.9:r=48000:seed={n},tremolo=f=0.2:d=0.8,highpass=f=60";
constexpr std::string_view wind =
    "anoisesrc=c=pink:a=0.5:r=48000:seed={n},bandpass=f={f}*4:w=200,tremolo=f=0.15:d=0.6,volume=3";
constexpr std::string_view drums =
    "aevalsrc='0.6*sin(2*PI*55*t)*exp(-14*mod(t,0.5))+0.12*(random(0)-0.5)*exp(-40*mod(t+0.25,0.25))"
    "+0.12*sin(2*PI*{f}*2*t)*gt(mod(t,2),1)':s=48000";
constexpr std::string_view hum =
    "aevalsrc='0.2*sin(2*PI*1000*t)*lt(mod(t,2),1)+0.1*sin(2*PI*50*t)+0.01*(random(0)-0.5)':s=48000";

constexpr std::string_view sunset_picture =
    "nullsrc=s=90x160:r=25,format=gbrp,geq="
    "r='255*min(1,0.35+0.65*Y/H+0.9*exp(-hypot(X-W/2,Y-H*(0.35+0.03*T))/(9+{v}*2)))':"
    "g='255*min(1,0.1+0.45*Y/H+0.8*exp(-hypot(X-W/2,Y-H*(0.35+0.03*T))/(8+{v}*2)))"
    "*if(gt(Y,H*0.62+1.4*sin(X/6+T)),0.55+0.2*sin(Y*1.9+6*sin(X/12+T)),1)':"
    "b='255*(0.45-0.25*Y/H)*if(gt(Y,H*0.62),1.5,1)',scale=540:960:flags=bicubic,hue=h={v}*14-28";
constexpr std::string_view aurora_picture =
    "nullsrc=s=90x160:r=25,format=gbrp,geq="
    "r='40+60*max(0,sin(X/13+T*0.7+2*sin(Y/30+T*0.3)))*Y/H':"
    "g='20+200*pow(max(0,sin(X/(9+{v})+T*0.9+3*sin(Y/40-T*0.4))),2)*(1-Y/H)':"
    "b='50+120*pow(max(0,sin(X/17-T*0.5+2*sin(Y/33+T*0.6))),2)*(1-0.6*Y/H)',"
    "scale=540:960:flags=bicubic,hue=h={v}*25,noise=alls=5:allf=t";
constexpr std::string_view lights_picture =
    "nullsrc=s=90x160:r=25,format=gbrp,geq="
    "r='20+190*lt(hypot(X-W*(0.3+0.15*sin(T*0.5+{v})),Y-H*mod(0.2+{v}*0.13+T*0.05,1.2)),11)"
    "+150*lt(hypot(X-W*(0.7+0.1*sin(T*0.4)),Y-H*mod(0.8+T*0.03,1.2)),15)':"
    "g='14+120*lt(hypot(X-W*(0.3+0.15*sin(T*0.5+{v})),Y-H*mod(0.2+{v}*0.13+T*0.05,1.2)),11)"
    "+150*lt(hypot(X-W*(0.5+0.2*cos(T*0.3+{v})),Y-H*mod(0.5+T*0.04,1.2)),13)':"
    "b='40+160*lt(hypot(X-W*(0.7+0.1*sin(T*0.4)),Y-H*mod(0.8+T*0.03,1.2)),15)',"
    "gblur=1.4,scale=540:960:flags=bicubic,hue=h={hue}";
constexpr std::string_view sea_picture =
    "nullsrc=s=90x160:r=25,format=gbrp,geq="
    "r='30+90*pow(max(0,sin(Y/5+3*sin(X/20+T)+2*sin(X/7-T*1.3))),6)*Y/H':"
    "g='70+40*Y/H+110*pow(max(0,sin(Y/(5+{v})+3*sin(X/20+T)+2*sin(X/7-T*1.3))),5)*Y/H':"
    "b='120+50*Y/H+70*pow(max(0,sin(Y/5+3*sin(X/20+T)+2*sin(X/7-T*1.3))),4)*Y/H',scale=540:960:flags=bicubic,"
    "hue=h={v}*12";
constexpr std::string_view mirror_picture =
    "gradients=s=270x480:r=25:n=6:seed={n}*11+5:speed=0.03:type=spiral,split[a][b];[b]hflip[c];[a][c]hstack,"
    "split[d][e];[e]vflip[f];[d][f]vstack";

const Topic all[] = {
    {"mira.zooms",
     "Mira Zooms",
     "Falling into the Mandelbrot set, one decimal at a time.",
     "fractals",
     "mandelbrot=s=360x640:r=25:start_scale=0.4/{n}:end_scale=0.00004:end_pts=300:start_x=-0.743643887037151:"
     "start_y=-0.13182590420533:maxiter=700,hue=h={hue}:s=1.2",
     pad,
     {"Seahorse valley, slowly #zoom", "How deep does this go? #zoom #infinite", "Same place, other colours",
      "I never get tired of this spiral #satisfying", "One more zoom before bed #night"}},
    {"lennart.low.sun",
     "Lennart Low-Sun",
     "Evening light. Nothing else.",
     "sunsets",
     sunset_picture,
     pad,
     {"Ten seconds of sun going down #calm", "The water tonight #sea #calm", "Warm air, no wind",
      "Last light from the pier #night", "Sky on fire again #colour"}},
    {"otto.cells",
     "Otto and the Cells",
     "Conway's Game of Life, every day a new soup.",
     "life",
     "life=s=108x192:r=25:ratio=0.25+{v}*0.05:seed={n}*7:mold=24:life_color=0xfff1c9:death_color=0x1b1140:"
     "mold_color=0xd9487d,scale=540:960:flags=neighbor,hue=h={hue},vignette",
     blips,
     {"Glider at the end, wait for it #pixels", "Random soup no. 12 #pixels #simulation", "They almost died out",
      "Chaos, then blinkers #simulation", "Which one survives? #pixels"}},
    {"sol.spiro",
     "Sol Spiro",
     "Drawing with two oscillators and a lot of patience.",
     "spirographs",
     "aevalsrc='sin(2*PI*(120+{v}*20)*t)*cos(2*PI*0.31*t)|sin(2*PI*(180+{v}*30)*t+t)*cos(2*PI*0.17*t)':s=44100,"
     "avectorscope=s=540x960:r=25:zoom=1.3:draw=line:rc=60+{v}*40:gc=160:bc=220-{v}*30:rf=8:gf=5:bf=6:scale=sqrt",
     bells,
     {"Left channel, right channel #sound #geometry", "Perfect fifth, drawn #geometry",
      "Slightly out of tune on purpose", "This is what a chord looks like #sound", "Threads of light #satisfying"}},
    {"polar.pia",
     "Polar Pia",
     "North of everything. Lights when the sky allows.",
     "auroras",
     aurora_picture,
     wind,
     {"Minus 24 and worth it #night", "Green curtain over the lake #night #calm", "It moved like this for an hour",
      "Violet edges tonight #colour", "No clouds at last #night"}},
    {"mirrorworks",
     "Mirrorworks",
     "Every picture four times.",
     "mirrors",
     mirror_picture,
     plucks,
     {"Symmetry no. 1 #geometry", "Look at the middle #hypnotic", "Folded twice, then in motion #geometry",
      "Blink and it changes #colour #hypnotic", "Four walls of colour #colour"}},
    {"waves.daily",
     "Waves Daily",
     "One wave a day, headphones on.",
     "sea",
     sea_picture,
     surf,
     {"Morning swell #calm", "Listen with headphones #calm #sound", "Choppy today, still lovely",
      "Thirty seconds would be better but here are ten #calm", "Night water #night"}},
    {"rule30",
     "Rule Thirty",
     "Three neighbours decide. That is all.",
     "automata",
     "cellauto=s=90x160:r=25:rule={rule}:seed={n}*5:random_fill_ratio=0.4:scroll=1:full=1,negate,format=gray,"
     "scale=540:960:flags=neighbor,tmix=frames=3,format=yuv444p,pseudocolor=preset=viridis,hue=h={hue}",
     blips,
     {"Rule 30 from a random start #pixels", "Rule 110 can compute anything #simulation",
      "Rule 90 makes triangles #geometry", "Rule 54 and its little trains #pixels", "Rule 150, additive #simulation"}},
    {"tv.museum",
     "TV Museum",
     "Test cards, tapes and the hour after midnight.",
     "testcards",
     "smptehdbars=s=540x960:r=25,noise=alls=8+{v}*6:allf=t,rgbashift=rh={n}:bh=-{n},lenscorrection=k1=-0.15:k2=-0.05,"
     "hue=h={v}*9,vignette=PI/4",
     hum,
     {"After the last programme #retro #night", "A tape from the attic #retro",
      "Colour bars, third generation copy #retro", "Please stand by", "The tube is warming up #retro"}},
    {"lantern.street",
     "Lantern Street",
     "Out of focus on purpose.",
     "lights",
     lights_picture,
     plucks,
     {"Wet road, warm lights #night", "Shallow depth #colour #calm", "From the tram window #night",
      "Letting the lens do the work #colour", "Three lamps #calm"}},
    {"nadir.notes",
     "Nadir Notes",
     "I play, the spectrum dances.",
     "music",
     "aevalsrc='0.4*sin(2*PI*{f}*2*pow(2,mod(floor(t*3),5)*3/12)*t)*exp(-3*mod(t,1/3))+0.2*sin(2*PI*{f}*t)"
     "|0.3*sin(2*PI*{f}*3*t)*sin(t)+0.3*sin(2*PI*{f}*4*t)':s=44100,"
     "showcqt=s=540x960:r=25:axis=0:basefreq=60:endfreq=2500:bar_g=2:sono_g=3,hue=h={hue}",
     drums,
     {"Five notes, one loop #sound #beat", "Bass you can see #beat", "Practising the slow part #sound",
      "Take two, better #beat", "Left hand only #sound"}},
    {"carpet.maker",
     "The Carpet Maker",
     "Sierpinski, wall to wall.",
     "carpets",
     "sierpinski=s=540x960:r=25:seed={n}*3:jump=40+20*{v},format=gray,tmix=frames=4,format=yuv444p,"
     "pseudocolor=preset=plasma,hue=h={hue}",
     bells,
     {"Endless carpet #geometry #infinite", "Walking over it #infinite", "New wool, same pattern #geometry",
      "Squares inside squares inside squares #geometry", "For the long corridor #infinite"}},
};

const Name people[] = {
    {"noor", "Noor"},     {"tomasz", "Tomasz"}, {"ines.b", "Inês"},     {"yuki_o", "Yuki"},     {"marek", "Marek"},
    {"adaeze", "Adaeze"}, {"finn.k", "Finn"},   {"leila", "Leila"},     {"jonas.h", "Jonas"},   {"priya_r", "Priya"},
    {"emeka", "Emeka"},   {"sofia.v", "Sofía"}, {"hugo_l", "Hugo"},     {"mina.c", "Mina"},     {"arto", "Arto"},
    {"zeynep", "Zeynep"}, {"dario", "Dario"},   {"freja", "Freja"},     {"kofi_a", "Kofi"},     {"anouk", "Anouk"},
    {"ravi.s", "Ravi"},   {"elif_d", "Elif"},   {"pavel", "Pavel"},     {"camille", "Camille"}, {"oskar.w", "Oskar"},
    {"thandi", "Thandi"}, {"luca_m", "Luca"},   {"saoirse", "Saoirse"},
};

/// FFmpeg takes expressions in most options; those that want plain numbers get the placeholder alone.
std::string filled(std::string_view graph, std::size_t variant) {
  fmt::dynamic_format_arg_store<fmt::format_context> values;
  values.push_back(fmt::arg("v", variant));
  values.push_back(fmt::arg("n", variant + 1));
  values.push_back(fmt::arg("hue", variant * 67 % 360));
  values.push_back(fmt::arg("rule", rules[variant]));
  values.push_back(fmt::arg("f", tones_hz[variant]));
  return fmt::vformat(graph, values);
}

}  // namespace

const std::vector<Topic>& topics() {
  static const std::vector<Topic> list(std::begin(all), std::end(all));
  return list;
}

const std::vector<Name>& audience() {
  static const std::vector<Name> list(std::begin(people), std::end(people));
  return list;
}

media::SyntheticClip clip(std::size_t topic, std::size_t variant) {
  const Topic& of = topics().at(topic);
  const auto longer_s = static_cast<double>((topic * 3 + variant * 2) % durations);
  return {.picture = filled(of.picture, variant),
          .sound = filled(of.sound, variant),
          .duration_s = duration_s_min + longer_s};
}

}  // namespace vitrine::app::demo
