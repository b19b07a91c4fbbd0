"""The words of EPCIS 2.0.1 and of the Core Business Vocabulary (CBV 2.0), and the URIs they stand for.

Sources: EPCIS 2.0.1 section 7 and its JSON schema; CBV 2.0 sections 7.1 to 7.9. A word of these lists stands bare in
JSON; any other value is a URI outside the CBV's own names.
"""

from collections.abc import Mapping

import msgspec

CBV = "https://ref.gs1.org/cbv/"
GS1 = "https://gs1.org/voc/"


class Words(msgspec.Struct, frozen=True):
    """A list of standard words: the bare words, how their URIs begin, and how those of EPCIS 1 began."""

    words: frozenset[str]
    stem: str
    old_stem: str | None = None

    def uri(self, word: str) -> str:
        """Return the full URI of a bare word or of an old URN; anything else as it is.

        >>> BIZ_STEPS.uri("packing")
        'https://ref.gs1.org/cbv/BizStep-packing'
        """
        if word in self.words:
            return self.stem + word
        if self.old_stem and word.startswith(self.old_stem):
            return self.stem + word.removeprefix(self.old_stem)
        return word

    def word(self, value: str) -> str | None:
        """Return the word that a URI in the list's own name space claims to be; None for any other value."""
        for stem in (self.stem, self.old_stem):
            if stem and value.startswith(stem):
                return value.removeprefix(stem)
        return None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BIZ_STEPS = Words(
    _words("""accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
        decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
        installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
        retail_selling shipping staging_outbound stock_taking stocking storing transporting unloading unpacking
        void_shipping sensor_reporting sampling"""),
    f"{CBV}BizStep-",
    "urn:epcglobal:cbv:bizstep:",
)

DISPOSITIONS = Words(
    _words("""active container_closed damaged destroyed dispensed disposed encoded expired in_progress in_transit
        inactive no_pedigree_match non_sellable_other partially_dispensed recalled reserved retail_sold returned
        sellable_accessible sellable_not_accessible stolen unknown available completeness_verified
        completeness_inferred conformant container_open mismatch_instance mismatch_class mismatch_quantity
        needs_replacement non_conformant unavailable"""),
    f"{CBV}Disp-",
    "urn:epcglobal:cbv:disp:",
)

TRANSACTIONS = Words(
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
    f"{CBV}BTT-",
    "urn:epcglobal:cbv:btt:",
)

PARTIES = Words(frozenset(("owning_party", "possessing_party", "location")), f"{CBV}SDT-", "urn:epcglobal:cbv:sdt:")

ERROR_REASONS = Words(frozenset(("did_not_occur", "incorrect_data")), f"{CBV}ER-", "urn:epcglobal:cbv:er:")

COMPONENTS = Words(
    _words("""x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
        longitude altitude geocoordinate"""),
    f"{CBV}Comp-",
)

MEASUREMENTS = Words(
    _words("""AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Activity Altitude AmountOfSubstance
        AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
        Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
        ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
        Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
        LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
        MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
        RadiantIntensity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity
        SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux
        Wavenumber"""),
    GS1,
)

EXCEPTIONS = Words(frozenset(("ALARM_CONDITION", "ERROR_CONDITION")), GS1)

UNITS_OF: Mapping[str, frozenset[str]] = {"Temperature": frozenset(("CEL", "FAH", "KEL"))}
"""Units of measurement (UN/ECE Recommendation 20) of types where another one is a mistake for certain."""

EVENT_TYPES = frozenset(
    ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
)

ACTIONS = frozenset(("OBSERVE", "ADD", "DELETE"))

STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"

STANDARD_PREFIXES: Mapping[str, str] = {
    "cbv": CBV,
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "dcterms": "http://purl.org/dc/terms/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": GS1,
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that GS1's own context declares, and so every document has."""
