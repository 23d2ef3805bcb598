//! What an operator brings to a network: parameters under those of the scenario, and what it grants.

use serde_json::Value as Json;

use super::build::Builder;
use super::schema::Network;
use crate::catalog::operator::{Grants, OperatorFile};
use crate::catalog::{Kind, overlay};

impl Builder<'_> {
    /// The operator's parameters as plain JSON, and what is granted: what the operator says and the scenario over it.
    pub(super) fn operator(&mut self, name: &str, file: &Network) -> Option<(Json, Grants)> {
        let (mut radio, mut grants) = (Json::Null, Json::Object(Default::default()));
        if let Some(operator) = &file.operator {
            let path = ["networks", name, "operator"];
            let loaded = self.catalogue.load::<OperatorFile>(Kind::Operator, operator);
            let loaded = self.available(&path, loaded)?;
            let checked = loaded.convert(OperatorFile::check);
            self.available(&path, checked)?;
            radio = loaded.json.get("nb-iot").cloned().unwrap_or_default();
            loaded.json.get("grants").iter().for_each(|own| overlay(&mut grants, own));
        }
        let path = ["networks", name, "grants"];
        if let (node, _, true) = self.root.locate(&path) {
            overlay(&mut grants, &node.to_json());
        }
        let grants: Grants = serde_json::from_value(grants).ok()?;
        let issues: Vec<_> = grants.issues().collect();
        let good = issues.is_empty();
        self.report_below(&path, issues);
        good.then_some((radio, grants))
    }
}
