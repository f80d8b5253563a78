//! Riding with an aircraft: poses that nobody who looks at the globe could take, and the ways there and back.

use crate::camera::flight::Flight;
use crate::camera::gesture::Hands;
use crate::camera::{Camera, Pose, legal};

/// Which poses the camera may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Freedom {
    /// Those of somebody who looks at the globe.
    Orbit,
    /// Straight down only, for a painter that knows no horizon.
    Flat,
    /// Any, because it rides with an aircraft.
    Ride,
    /// On the way back from a ride to the orbit.
    Leaving,
}

impl Camera {
    /// From now on it looks straight down, with north or any other direction up.
    pub fn flatten(&mut self) {
        self.freedom = Freedom::Flat;
        self.set_pose(self.pose);
    }

    /// Rides with an aircraft: takes any pose, the first time by a flight. Call it before each frame of the ride.
    pub fn ride(&mut self, pose: Pose) {
        if self.freedom != Freedom::Ride {
            self.hands = Hands::default();
            self.freedom = Freedom::Ride;
            self.set_out(pose);
        } else if let Some(flight) = &mut self.flight {
            flight.redirect(pose);
        } else {
            self.pose = pose;
        }
    }

    /// On the ride another seat was taken: flies there.
    pub fn change_seat(&mut self, pose: Pose) {
        self.set_out(pose);
    }

    /// Ends the ride and flies to a pose over the ground.
    pub fn leave(&mut self, pose: Pose) {
        if self.freedom == Freedom::Ride {
            self.freedom = Freedom::Leaving;
            self.set_out(legal(pose));
        }
    }

    /// Whether it rides with an aircraft, or is on the way back from a ride.
    #[must_use]
    pub fn is_free(&self) -> bool {
        matches!(self.freedom, Freedom::Ride | Freedom::Leaving)
    }

    pub(super) fn legal(&self, pose: Pose) -> Pose {
        match self.freedom {
            Freedom::Orbit => legal(pose),
            Freedom::Flat => Pose { tilt_deg: 0.0, ..legal(pose) },
            Freedom::Ride | Freedom::Leaving => pose,
        }
    }

    /// Flies to a pose as it is.
    pub(super) fn set_out(&mut self, pose: Pose) {
        if self.reduced_motion {
            (self.pose, self.flight) = (pose, None);
            self.land();
        } else {
            self.flight = Some(Flight::new(self.pose, pose));
        }
    }

    /// Somebody takes hold of the globe while it moves by itself.
    pub(super) fn end_flight(&mut self) {
        self.flight = None;
        self.land();
    }

    /// A way back from a ride has ended, or was cut short.
    pub(super) fn land(&mut self) {
        if self.freedom == Freedom::Leaving {
            self.freedom = Freedom::Orbit;
            self.pose = legal(self.pose);
        }
    }
}
