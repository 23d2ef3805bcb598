//! The model files that are built into the program.

use super::Kind;

/// A model file that is built into the program.
#[derive(Clone, Copy, Debug)]
pub struct BuiltIn {
    /// What it describes.
    pub kind: Kind,
    /// Its name in scenarios.
    pub name: &'static str,
    /// Where it stands in the project.
    pub path: &'static str,
    /// The file.
    pub text: &'static str,
}

macro_rules! built_in {
    ($($kind:ident $name:literal $path:literal;)*) => {
        &[$(BuiltIn {
            kind: Kind::$kind,
            name: $name,
            path: concat!("models/", $path),
            text: include_str!(concat!("../../models/", $path)),
        }),*]
    };
}

/// All built-in model files.
pub const BUILT_IN: &[BuiltIn] = built_in! {
    Device "3gpp-reference" "devices/3gpp-reference.yaml";
    Device "3gpp-ntn-pc3" "devices/3gpp-ntn-pc3.yaml";
    Device "cmiot-m5311" "devices/cmiot-m5311.yaml";
    Device "nordic-nrf9160-nb1" "devices/nordic-nrf9160-nb1.yaml";
    Device "simcom-sim7000-nb1" "devices/simcom-sim7000-nb1.yaml";
    Device "nrf9160-assumed" "devices/nrf9160-assumed.yaml";
    Device "simcom-sim7080g" "devices/simcom-sim7080g.yaml";
    Device "u-blox-sara-r510s-m1" "devices/u-blox-sara-r510s-m1.yaml";
    Battery "3gpp-5wh" "batteries/3gpp-5wh.yaml";
    Battery "300mah" "batteries/300mah.yaml";
    Battery "er26500" "batteries/er26500.yaml";
    NbIot "default" "radio/nb-iot.yaml";
    LteAccess "default" "radio/lte-random-access.yaml";
    Operator "live-900mhz" "operators/live-900mhz.yaml";
    Operator "vodafone-barcelona" "operators/vodafone-barcelona.yaml";
    Operator "vodafone-barcelona-mode-1" "operators/vodafone-barcelona-mode-1.yaml";
    Operator "vodafone-barcelona-mode-2" "operators/vodafone-barcelona-mode-2.yaml";
    Operator "vodafone-barcelona-mode-3" "operators/vodafone-barcelona-mode-3.yaml";
    Propagation "tr45820" "propagation/tr45820.yaml";
    Traffic "tr45820-reports" "traffic/tr45820-reports.yaml";
    Constellation "ast-bluebird" "constellations/ast-bluebird.yaml";
    Constellation "beidou-3" "constellations/beidou-3.yaml";
    Constellation "geespace" "constellations/geespace.yaml";
    Constellation "globalstar" "constellations/globalstar.yaml";
    Constellation "guowang" "constellations/guowang.yaml";
    Constellation "iridium-next" "constellations/iridium-next.yaml";
    Constellation "kineis" "constellations/kineis.yaml";
    Constellation "lynk-tower" "constellations/lynk-tower.yaml";
    Constellation "nuwa" "constellations/nuwa.yaml";
    Constellation "oneweb" "constellations/oneweb.yaml";
    Constellation "orbcomm" "constellations/orbcomm.yaml";
    Constellation "qianfan" "constellations/qianfan.yaml";
    Constellation "sateliot" "constellations/sateliot.yaml";
    Constellation "skylo-geo" "constellations/skylo-geo.yaml";
    Constellation "starlink" "constellations/starlink.yaml";
    Constellation "starlink-direct-to-cell" "constellations/starlink-direct-to-cell.yaml";
    Constellation "tianqi" "constellations/tianqi.yaml";
    Constellation "tiantong-1" "constellations/tiantong-1.yaml";
    Satellite "tr36763-set-1-geo" "satellites/tr36763-set-1-geo.yaml";
    Satellite "tr36763-set-1-leo-1200" "satellites/tr36763-set-1-leo-1200.yaml";
    Satellite "tr36763-set-1-leo-600" "satellites/tr36763-set-1-leo-600.yaml";
    Satellite "tr36763-set-2-geo" "satellites/tr36763-set-2-geo.yaml";
    Satellite "tr36763-set-2-leo-1200" "satellites/tr36763-set-2-leo-1200.yaml";
    Satellite "tr36763-set-2-leo-600" "satellites/tr36763-set-2-leo-600.yaml";
    Satellite "tr36763-set-3-geo" "satellites/tr36763-set-3-geo.yaml";
    Satellite "tr36763-set-3-leo-1200" "satellites/tr36763-set-3-leo-1200.yaml";
    Satellite "tr36763-set-3-leo-600" "satellites/tr36763-set-3-leo-600.yaml";
    Satellite "tr36763-set-4-leo-600" "satellites/tr36763-set-4-leo-600.yaml";
    Satellite "tr38821-set-1-geo-ka" "satellites/tr38821-set-1-geo-ka.yaml";
    Satellite "tr38821-set-1-geo-s" "satellites/tr38821-set-1-geo-s.yaml";
    Satellite "tr38821-set-1-leo-1200-ka" "satellites/tr38821-set-1-leo-1200-ka.yaml";
    Satellite "tr38821-set-1-leo-1200-s" "satellites/tr38821-set-1-leo-1200-s.yaml";
    Satellite "tr38821-set-1-leo-600-ka" "satellites/tr38821-set-1-leo-600-ka.yaml";
    Satellite "tr38821-set-1-leo-600-s" "satellites/tr38821-set-1-leo-600-s.yaml";
    Satellite "tr38821-set-2-geo-ka" "satellites/tr38821-set-2-geo-ka.yaml";
    Satellite "tr38821-set-2-geo-s" "satellites/tr38821-set-2-geo-s.yaml";
    Satellite "tr38821-set-2-leo-1200-ka" "satellites/tr38821-set-2-leo-1200-ka.yaml";
    Satellite "tr38821-set-2-leo-1200-s" "satellites/tr38821-set-2-leo-1200-s.yaml";
    Satellite "tr38821-set-2-leo-600-ka" "satellites/tr38821-set-2-leo-600-ka.yaml";
    Satellite "tr38821-set-2-leo-600-s" "satellites/tr38821-set-2-leo-600-s.yaml";
    Terminal "handheld" "terminals/handheld.yaml";
    Terminal "nb-iot-pc3-nf9" "terminals/nb-iot-pc3-nf9.yaml";
    Terminal "nb-iot-pc5-nf7" "terminals/nb-iot-pc5-nf7.yaml";
    Terminal "nb-iot-pc5-nf9" "terminals/nb-iot-pc5-nf9.yaml";
    Terminal "vsat" "terminals/vsat.yaml";
};

/// The names of a kind that are built in.
pub fn names(kind: Kind) -> impl Iterator<Item = &'static str> + Clone {
    BUILT_IN.iter().filter(move |file| file.kind == kind).map(|file| file.name)
}
