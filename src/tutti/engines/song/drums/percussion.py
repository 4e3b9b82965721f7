"""The names of percussion and their numbers, as composers write them, kits sound them and MIDI files carry them.

General MIDI percussion has 35..81; what it lacks borrows numbers of General MIDI level 2's effects below it.
"""

# Sounds between sections; all but the impact last as long as their note.
RISER = 27  # climbs
IMPACT = 28  # what a drop lands on
REVERSE = 29  # a cymbal that swells
DOWNLIFTER = 30  # falls away
CRACKLE = 31  # an old record
HELD = frozenset({RISER, REVERSE, DOWNLIFTER, CRACKLE})

PERCUSSION = {
    "riser": RISER, "impact": IMPACT, "reverse": REVERSE, "downlifter": DOWNLIFTER, "crackle": CRACKLE,
    "snap": 34, "kick_2": 35, "kick": 36, "side": 37, "snare": 38, "clap": 39, "brush": 40, "tom_floor": 41,
    "closed": 42, "tom_floor_2": 43, "pedal": 44, "tom_low": 45, "open": 46, "tom_mid": 47, "tom_mid_2": 48,
    "crash": 49, "tom_high": 50, "ride": 51, "china": 52, "ride_bell": 53, "tambourine": 54, "splash": 55,
    "cowbell": 56, "crash_2": 57, "bongo": 60, "conga_mute": 62, "conga": 63, "conga_low": 64, "timbale": 65,
    "agogo": 67, "cabasa": 69, "maracas": 70, "guiro": 73, "claves": 75, "wood": 76, "wood_low": 77, "shaker": 82,
    "bells_shaken": 83,
}  # fmt: skip
