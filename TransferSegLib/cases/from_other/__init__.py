"""Labels that come from another image of a patient: from CT by thresholds (Mecheter 2020, 2023), or from another MR."""
